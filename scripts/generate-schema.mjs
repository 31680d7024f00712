// Writes what is generated from the configuration's schema: the JSON Schema that editors use, and
// docs/reference/configuration.md. A unit test fails when either is out of date.
//   node scripts/generate-schema.mjs
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from './node24.mjs';

const here = fileURLToPath(import.meta.url);
const node = node24();
if (node !== process.execPath) process.exit(spawnSync(node, [here], { stdio: 'inherit' }).status ?? 1);

const root = path.join(path.dirname(here), '..');
const config = path.join(root, 'packages', 'gateway', 'src', 'config');
const { configJsonSchema } = await import('../packages/gateway/src/config/json-schema.ts');
const { configurationReference } = await import('../packages/gateway/src/config/configuration-reference.ts');
await writeFile(path.join(config, 'gateway.schema.json'), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
await writeFile(path.join(root, 'docs', 'reference', 'configuration.md'), configurationReference());
