#!/usr/bin/env node
// Runs the built gateway on Node >= 22.15. On an older Node it re-executes itself with the Node 24
// binary that npm installed beside it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const built = path.join(root, 'dist', 'main.js');
const entry = existsSync(built) ? built : path.join(root, 'src', 'main.ts');
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 15)) {
  await import(pathToFileURL(entry).href);
} else {
  const node = bundledNode();
  if (!node) {
    console.error(
      `ucode-gateway needs Node 22.15 or newer; this is ${process.version} and no bundled Node was found.\n` +
        'Run `npm ci` without `--omit=optional`, or install Node 24.',
    );
    process.exit(1);
  }
  const child = spawn(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well; passing it on would look like a second, impatient one.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 1);
  });
}

/** The Node 24 binary of this platform's npm package, or undefined. */
function bundledNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  for (const name of [`node-${os}-${process.arch}`, `node-bin-${os}-${process.arch}`]) {
    try {
      return createRequire(import.meta.url).resolve(`${name}/${file}`);
    } catch {
      // not this name
    }
  }
  return undefined;
}
