// Bundles the gateway into packages/gateway/dist. Dependencies stay outside the bundle.
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'packages', 'gateway');
await rm(path.join(root, 'dist'), { recursive: true, force: true });
await build({
  entryPoints: [
    path.join(root, 'src', 'main.ts'),
    ...['lake-process', 'sql-process', 'decode-worker'].map((name) =>
      path.join(root, 'src', 'processes', `${name}.ts`),
    ),
  ],
  entryNames: '[name]',
  outdir: path.join(root, 'dist'),
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
});
await cp(path.join(root, 'src', 'config', 'gateway.schema.json'), path.join(root, 'dist', 'gateway.schema.json'), {
  force: true,
}).catch((error) => {
  if (error.code !== 'ENOENT') throw error;
});
