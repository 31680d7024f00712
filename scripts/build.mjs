// Bundles the gateway into packages/gateway/dist, its dependencies outside the bundle, and the launcher into
// packages/cli/dist, with everything it needs.
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packages = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'packages');
const root = path.join(packages, 'gateway');
const cli = path.join(packages, 'cli');
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

await rm(path.join(cli, 'dist'), { recursive: true, force: true });
await build({
  entryPoints: [path.join(cli, 'src', 'main.ts'), path.join(cli, 'src', 'auth-token.ts')],
  entryNames: '[name]',
  outdir: path.join(cli, 'dist'),
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  target: 'node20',
  // The CommonJS form of jsonc-parser cannot be bundled.
  mainFields: ['module', 'main'],
  format: 'esm',
  // Some dependencies are CommonJS and ask for Node's own modules by `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
