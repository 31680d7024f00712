import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { atomicWrite } from '../files/atomic-write.ts';
import { asObject, asText, parseObject } from '../lib/json-object.ts';
import type { Environment } from '../platform/environment.ts';
import { makeDirectory } from '../files/make-directory.ts';

/** The version that a program had when it was last asked, if the program is still the same file. */
export async function knownVersion(program: string, environment: Environment): Promise<string | undefined> {
  const entry = asObject((await readAll(environment))[program]);
  return entry?.['mark'] === (await markOf(program)) ? asText(entry?.['version']) : undefined;
}

/** Keeps a version, so that a launch need not ask again. */
export async function rememberVersion(program: string, version: string, environment: Environment): Promise<void> {
  const all = { ...(await readAll(environment)), [program]: { mark: await markOf(program), version } };
  const file = fileOf(environment);
  await makeDirectory(path.dirname(file));
  await atomicWrite(file, JSON.stringify(all), 0o600);
}

async function readAll(environment: Environment): Promise<Record<string, unknown>> {
  const text = await readFile(fileOf(environment), 'utf8').catch(() => '');
  return parseObject(text) ?? {};
}

/** Size and time of the file that is really run. */
async function markOf(program: string): Promise<string> {
  const { size, mtimeMs } = await stat(program);
  return `${size} ${mtimeMs}`;
}

function fileOf({ ucodeHome }: Environment): string {
  return path.join(ucodeHome, 'cache', 'versions.json');
}
