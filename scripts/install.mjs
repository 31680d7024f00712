// Brings node_modules to what package-lock.json says; does nothing when it already is.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Runs `npm ci` when node_modules is missing or differs from the lockfile. Throws when npm fails. */
export function installWhenNeeded() {
  if (isInstalled()) return;
  console.error('Installing dependencies (npm ci)…');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) throw new Error(`npm ci failed with status ${result.status ?? result.signal}`);
}

/** Whether every package of the lockfile that is needed on all platforms is there in its version. */
function isInstalled() {
  try {
    const wanted = readPackages('package-lock.json');
    const present = readPackages('node_modules/.package-lock.json');
    return Object.entries(wanted).every(
      ([name, entry]) =>
        !name.includes('node_modules/') ||
        entry.optional ||
        entry.devOptional ||
        entry.peer ||
        entry.link ||
        present[name]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

function readPackages(file) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
}
