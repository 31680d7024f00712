import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './repository.ts';

const artifacts = [
  'io.delta:delta-spark_2.12:3.3.2',
  'io.delta:delta-storage:3.3.2',
  'org.antlr:antlr4-runtime:4.9.3',
] as const;

/** Directory of the jars that Spark needs to read Delta tables; fetched from Maven where missing, with Java itself. */
export function deltaJars(): string {
  const directory = path.join(repositoryRoot, '.python', 'jars');
  mkdirSync(directory, { recursive: true });
  if (readdirSync(directory).length >= artifacts.length) return directory;
  if (!has('mvn') || !has('java')) run('apt-get', ['install', '-y', '-qq', 'default-jre-headless', 'maven']);
  for (const artifact of artifacts) {
    run('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${directory}`]);
  }
  return directory;
}

function has(command: string): boolean {
  const places = (process.env['PATH'] ?? '').split(path.delimiter);
  return places.some((place) => existsSync(path.join(place, command)));
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
