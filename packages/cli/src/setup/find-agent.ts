import { spawn } from 'node:child_process';
import { access, constants, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Agent } from '../agents/agent.ts';
import { asText, parseObject } from '../lib/json-object.ts';
import { quoteForCmd } from '../platform/run-agent.ts';
import type { Environment } from '../platform/environment.ts';

/** An agent's program on this machine. */
export interface AgentBinary {
  /** Absolute path. */
  readonly program: string;
  /** `undefined` where it does not say, or not in time. */
  readonly version: string | undefined;
}

const VERSION_TIMEOUT_MS = 10_000;

/** The agent's program on PATH, or `undefined`. */
export async function findProgram(agent: Agent, environment: Environment): Promise<string | undefined> {
  const { platform, variables } = environment;
  const extensions = platform === 'win32' ? (variables['PATHEXT'] ?? '.EXE;.CMD').split(';') : [''];
  const directories = (variables['PATH'] ?? variables['Path'] ?? '').split(platform === 'win32' ? ';' : ':');
  for (const directory of directories.filter((one) => one !== '')) {
    for (const extension of extensions) {
      const file = path.join(directory, agent.binary + extension);
      if (await isProgram(file)) return file;
    }
  }
  return undefined;
}

/**
 * A program's version: from the package it was installed with, since some agents unpack themselves into the home
 * directory before they answer; else from the program itself.
 */
export async function askVersion(program: string, agent: Agent, environment: Environment): Promise<string | undefined> {
  return (await packagedVersion(program, agent)) ?? runForVersion(program, agent, environment);
}

/** The version of the npm package that the program belongs to; `undefined` where it was not installed by npm. */
export async function packagedVersion(
  program: string,
  { npmPackage }: Pick<Agent, 'npmPackage'>,
): Promise<string | undefined> {
  const file = await realpath(program).catch(() => program);
  for (let directory = path.dirname(file); directory !== path.dirname(directory); directory = path.dirname(directory)) {
    const text = await readFile(path.join(directory, 'package.json'), 'utf8').catch(() => '');
    const manifest = parseObject(text);
    if (manifest?.['name'] === npmPackage) return asText(manifest?.['version']);
  }
  return undefined;
}

function runForVersion(program: string, agent: Agent, environment: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    const windows = environment.platform === 'win32';
    const child = spawn(windows ? quoteForCmd(program) : program, [...agent.versions.args], {
      env: { ...environment.variables, DISABLE_AUTOUPDATER: '1', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: windows,
      timeout: VERSION_TIMEOUT_MS,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8').slice(0, 10_000)));
    child.once('error', () => resolve(undefined));
    child.once('close', () => resolve(/\d+\.\d+\.\d+(?:-[\w.]+)?/.exec(output)?.[0]));
  });
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Whether a version is within the bounds that an agent is known to work in. */
export function versionProblem(agent: Agent, version: string | undefined): string | undefined {
  const { from, below } = agent.versions;
  if (version === undefined) return undefined;
  if (from !== undefined && compareVersions(version, from) < 0)
    return `${agent.displayName} ${version} is too old; it needs ${from}.`;
  if (below !== undefined && compareVersions(version, below) >= 0)
    return `${agent.displayName} ${version} is too new; it works below ${below}.`;
  return undefined;
}

/** Compares the three numbers of two versions. */
export function compareVersions(left: string, right: string): number {
  const numbers = (version: string): number[] => version.split('-')[0]?.split('.').map(Number) ?? [];
  const [one, other] = [numbers(left), numbers(right)];
  for (let at = 0; at < 3; at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
