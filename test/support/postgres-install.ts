import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL_LIMIT_MS = 600_000;
/** Where Debian and Ubuntu put each version's programs, which are not on the path. */
const DEBIAN = '/usr/lib/postgresql';

/** Programs of PostgreSQL. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
}

/** The newest PostgreSQL server of this machine; as root on Debian it is installed where there is none. */
export async function findPostgres(): Promise<PostgresPrograms> {
  const found = (await ofDebian()) ?? (await ofPath());
  if (found) return found;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('There is no PostgreSQL server here. Install one (postgresql, 14 or newer) for these tests.');
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env, timeout: INSTALL_LIMIT_MS });
  await run('apt-get', ['install', '-y', '-qq', 'postgresql'], { env, timeout: INSTALL_LIMIT_MS });
  const installed = await ofDebian();
  if (!installed) throw new Error(`apt-get installed postgresql, but ${DEBIAN} has no server.`);
  return installed;
}

async function ofDebian(): Promise<PostgresPrograms | undefined> {
  const names = await readdir(DEBIAN).catch(() => []);
  const versions = names.filter((name) => /^\d+$/.test(name)).map(Number);
  for (const major of versions.toSorted((left, right) => right - left)) {
    const programs = await inDirectory(path.join(DEBIAN, String(major), 'bin'));
    if (programs) return programs;
  }
  return undefined;
}

async function ofPath(): Promise<PostgresPrograms | undefined> {
  const asked = await run('pg_config', ['--bindir']).catch(() => undefined);
  return asked && inDirectory(asked.stdout.trim());
}

async function inDirectory(directory: string): Promise<PostgresPrograms | undefined> {
  const postgres = path.join(directory, 'postgres');
  const asked = await run(postgres, ['--version']).catch(() => undefined);
  const major = Number(/\b(\d+)\.\d+/.exec(asked?.stdout ?? '')?.[1]);
  return Number.isNaN(major) ? undefined : { initdb: path.join(directory, 'initdb'), postgres, major };
}
