import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ended, tieToThisProcess } from './child-processes.ts';
import { repositoryRoot } from './repository.ts';

/** The pinned version: the one that the expectations were measured against. */
export const KEYCLOAK_VERSION = '26.7.3';

/** What a Keycloak process is started with, before its command. */
export interface KeycloakProgram {
  readonly java: string;
  readonly arguments: readonly string[];
  readonly directory: string;
}

/**
 * Keycloak, fetched from Maven where it is missing, with Java itself, into `.keycloak/`; built once for a database in memory, so
 * that it starts fast. The directory gets its name when it is complete.
 */
export async function installKeycloak(): Promise<KeycloakProgram> {
  const home = path.join(repositoryRoot, '.keycloak', `keycloak-${KEYCLOAK_VERSION}`);
  if (!has('java')) run('apt-get', ['install', '-y', '-qq', 'default-jre-headless']);
  if (!existsSync(home)) {
    if (!has('mvn')) run('apt-get', ['install', '-y', '-qq', 'maven']);
    const partial = path.join(repositoryRoot, '.keycloak', `partial-${process.pid}`);
    const artifact = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:zip`;
    try {
      mkdirSync(partial, { recursive: true });
      run('mvn', ['-q', '-B', 'dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`], partial);
      const fresh = path.join(partial, `keycloak-${KEYCLOAK_VERSION}`);
      await build(program(fresh));
      // Another process may have been faster: theirs serves as well.
      if (!existsSync(home)) renameSync(fresh, home);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return program(home);
}

function program(home: string): KeycloakProgram {
  return {
    java: 'java',
    directory: home,
    arguments: [
      '-Xms64m',
      '-Xmx400m',
      '-XX:MaxMetaspaceSize=256m',
      '-XX:+ExitOnOutOfMemoryError',
      '-Dfile.encoding=UTF-8',
      '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
      '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
      '-Dpicocli.disable.closures=true',
      `-Dkc.home.dir=${home}`,
      `-Djboss.server.config.dir=${path.join(home, 'conf')}`,
      ...['util', 'util.concurrent', 'security', 'lang'].map(
        (name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`,
      ),
      '-cp',
      path.join(home, 'lib', 'quarkus-run.jar'),
      'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    ],
  };
}

/** Exit code of a build or start that has rebuilt itself and asks to be started again. */
const REBUILT = 10;

async function build({ java, arguments: before }: KeycloakProgram): Promise<void> {
  const child = spawn(java, [...before, 'build', '--db=dev-mem'], { stdio: ['ignore', 'pipe', 'pipe'] });
  tieToThisProcess(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const code = await ended(child);
  if (code !== 0 && code !== REBUILT) throw new Error(`Keycloak could not be built (${code}):\n${output}`);
}

function has(command: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((place) => existsSync(path.join(place, command)));
}

/** @param cwd Maven leaves marks of what it has unpacked there. */
function run(command: string, args: readonly string[], cwd?: string): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
