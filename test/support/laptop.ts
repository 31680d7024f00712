// A developer's machine as the launcher finds it: an empty home, a PATH, nothing of this machine's own settings.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { snapshot } from '../../packages/cli/src/files/testing/snapshot.ts';
import { ended, tieToThisProcess } from './child-processes.ts';
import { nodeBinary, repositoryRoot } from './repository.ts';

/** The launcher as `npm` installs it. */
export const ucodeBinary = path.join(repositoryRoot, 'packages', 'cli', 'bin', 'ucode.js');

export interface UcodeRun {
  /** Exit code, or the name of the signal that ended it. */
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a program with this environment and nothing else, and gives it `stdin` to read. */
export type Spawn = (
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string>; readonly stdin: string },
) => ChildProcess;

export interface RunOptions {
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** See the top of the file. `close` removes everything. */
export interface Laptop {
  readonly home: string;
  /** Working directory, outside the home. */
  readonly work: string;
  /** First directory of PATH. */
  readonly bin: string;
  /** Everything a process gets as its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts a program on PATH: a link to `target`, or a shell script with this text. */
  program(name: string, content: { readonly target: string } | { readonly script: string }): void;
  /** Runs `ucode` to its end, without a terminal. */
  ucode(args: readonly string[], options?: RunOptions): Promise<UcodeRun>;
  /** Runs any program to its end; a bare name is looked up on the laptop's PATH. */
  run(argv: readonly string[], options?: RunOptions): Promise<UcodeRun>;
  /** Starts `ucode` without waiting for it; it is gone when the test process is. */
  start(args: readonly string[], options?: RunOptions): ChildProcess;
  /** Signs in with a token, as CI does. */
  signIn(gateway: { readonly url: string; readonly token: string }): Promise<void>;
  /** Every path below the home with what it is, permissions and content, to compare homes to the byte. */
  snapshot(options?: { readonly without?: RegExp }): Record<string, string>;
  close(): void;
}

/** @param spawn where programs run: on this machine, or in a sandbox. */
export function openLaptop(spawnProgram: Spawn = spawnHere): Laptop {
  const scratch = mkdtempSync(path.join(tmpdir(), 'ucode-laptop-'));
  const [home, work, bin, temporary] = ['home', 'work', 'bin', 'tmp'].map((name) => path.join(scratch, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const directory of [home, work, bin, temporary]) mkdirSync(directory, { mode: 0o755 });
  const env: Record<string, string> = {
    HOME: home,
    TMPDIR: temporary,
    PATH: [bin, path.dirname(nodeBinary), '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter),
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    USER: 'developer',
  };
  const startProgram = (argv: readonly string[], options: RunOptions = {}): ChildProcess => {
    const child = spawnProgram(argv, {
      cwd: options.cwd ?? work,
      env: changed(env, options.env ?? {}),
      stdin: options.stdin ?? '',
    });
    tieToThisProcess(child);
    return child;
  };
  const run = async (argv: readonly string[], options?: RunOptions): Promise<UcodeRun> => {
    const child = startProgram(argv, options);
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
    }
    const code = await ended(child);
    return { code, ...output };
  };
  const ucode = (args: readonly string[], options?: RunOptions): Promise<UcodeRun> =>
    run([nodeBinary, ucodeBinary, ...args], options);
  return {
    home,
    work,
    bin,
    env,
    program(name, content) {
      const file = path.join(bin, name);
      if ('target' in content) return symlinkSync(content.target, file);
      writeFileSync(file, content.script);
      chmodSync(file, 0o755);
    },
    ucode,
    run,
    start: (args, options) => startProgram([nodeBinary, ucodeBinary, ...args], options),
    async signIn({ url, token }) {
      const { code, stderr } = await ucode(['login', url, '--token-stdin'], { stdin: token });
      if (code !== 0) throw new Error(`ucode login failed: ${stderr}`);
    },
    snapshot: ({ without } = {}) => snapshot(home, without),
    close: () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function spawnHere(
  [command = '', ...args]: readonly string[],
  { cwd, env, stdin }: Parameters<Spawn>[1],
): ChildProcess {
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return child;
}

function changed(
  env: Readonly<Record<string, string>>,
  changes: NonNullable<RunOptions['env']>,
): Record<string, string> {
  const entries = Object.entries({ ...env, ...changes });
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
