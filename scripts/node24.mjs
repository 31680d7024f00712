// Runs a script with Node >= 22.15: this one if it is new enough, else the Node 24 that npm brought.
//   node scripts/node24.mjs FILE [args…]
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Path of a Node binary >= 22.15. Throws with the cure when there is none. */
export function node24() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return process.execPath;
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  for (const name of [`node-${os}-${process.arch}`, `node-bin-${os}-${process.arch}`]) {
    try {
      return createRequire(import.meta.url).resolve(`${name}/${file}`);
    } catch {
      // not this name
    }
  }
  throw new Error('No Node >= 22.15 found. Run `npm ci` without --omit=optional, or install Node 24.');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const child = spawn(node24(), process.argv.slice(2), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
