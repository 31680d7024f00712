// Python packages for tests, each set in a virtual environment of its own under `.python/` in the repository root.
// Run by itself to warm a machine: node scripts/node24.mjs test/support/python.ts PACKAGE==VERSION…
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { repositoryRoot } from './repository.ts';

/** A virtual environment: `python` is the interpreter that sees its packages. */
export interface PythonEnvironment {
  readonly python: string;
}

const run = promisify(execFile);
const INSTALL_LIMIT_MS = 600_000;
const ATTEMPTS = 2;
const pending = new Map<string, Promise<PythonEnvironment>>();

/**
 * The environment with exactly these packages (`name==version`) and what they need. Made now unless it
 * already is; a second call for the same packages joins the first. Needs a `python3`; where its `venv` is
 * missing, Debian's package is installed, which only root can.
 */
export function pythonEnvironment(packages: readonly string[]): Promise<PythonEnvironment> {
  const wanted = packages.toSorted();
  const hash = createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 16);
  let environment = pending.get(hash);
  if (!environment) {
    environment = makeWithRetry(hash, wanted);
    pending.set(hash, environment);
  }
  return environment;
}

/** The stamp is written last: its presence says that the environment is complete. Environments cannot be moved. */
async function makeWithRetry(hash: string, packages: readonly string[]): Promise<PythonEnvironment> {
  const directory = path.join(repositoryRoot, '.python', hash);
  const stamp = path.join(directory, 'complete');
  const release = existsSync(stamp) ? undefined : await lock(`${directory}.lock`);
  try {
    for (let attempt = 1; !existsSync(stamp); attempt++) {
      try {
        await rm(directory, { recursive: true, force: true });
        await makeEnvironment(directory);
        await pip(directory, packages);
        await writeFile(stamp, `${packages.join('\n')}\n`);
      } catch (error) {
        if (attempt < ATTEMPTS) continue;
        throw new Error(`Cannot install ${packages.join(' ')}: ${lastLines(error)}`, { cause: error });
      }
    }
  } finally {
    await release?.();
  }
  return { python: interpreter(directory) };
}

async function makeEnvironment(directory: string): Promise<void> {
  try {
    await run('python3', ['-m', 'venv', directory], { timeout: INSTALL_LIMIT_MS });
  } catch (error) {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) {
      throw new Error(`python3 -m venv failed; install Python 3 with its venv module.\n${lastLines(error)}`, {
        cause: error,
      });
    }
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env, timeout: INSTALL_LIMIT_MS });
    await run('apt-get', ['install', '-y', '-qq', 'python3-venv'], { env, timeout: INSTALL_LIMIT_MS });
    await rm(directory, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', directory], { timeout: INSTALL_LIMIT_MS });
  }
}

async function pip(directory: string, packages: readonly string[]): Promise<void> {
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
  await run(interpreter(directory), ['-m', 'pip', 'install', ...quiet, ...packages], {
    timeout: INSTALL_LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
}

/** Test files run in processes of their own; one of them makes the environment, the others wait for it. */
async function lock(file: string): Promise<() => Promise<void>> {
  await mkdir(path.dirname(file), { recursive: true });
  const giveUp = Date.now() + INSTALL_LIMIT_MS;
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > giveUp) throw error;
      if (!(await isHeld(file))) await rm(file, { force: true });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Whether the process that wrote the lock still runs. */
async function isHeld(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  // An empty file is one that is being written.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function interpreter(directory: string): string {
  return process.platform === 'win32'
    ? path.join(directory, 'Scripts', 'python.exe')
    : path.join(directory, 'bin', 'python');
}

function lastLines(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return (stderr.trim() || String(error)).split('\n').slice(-6).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log((await pythonEnvironment(process.argv.slice(2))).python);
}
