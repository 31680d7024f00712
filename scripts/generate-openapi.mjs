// Writes docs/reference/openapi.json from the descriptions of the routes. A unit test fails when it is out of date.
//   node scripts/generate-openapi.mjs
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from './node24.mjs';

const here = fileURLToPath(import.meta.url);
const node = node24();
if (node !== process.execPath) process.exit(spawnSync(node, [here], { stdio: 'inherit' }).status ?? 1);

const { openApiDocument } = await import('../packages/gateway/src/http/openapi/document.ts');
const { restRoutes } = await import('../packages/gateway/src/http/rest/index.ts');
const { modelListRoutes } = await import('../packages/gateway/src/http/model-lists/index.ts');
const document = openApiDocument([...restRoutes, ...modelListRoutes]);
const file = path.join(path.dirname(here), '..', 'docs', 'reference', 'openapi.json');
await writeFile(file, `${JSON.stringify(document, null, 2)}\n`);
