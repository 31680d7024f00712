import { spawn } from 'node:child_process';
import { printable } from '../lib/printable.ts';
import { withoutSecrets } from '../lib/without-secrets.ts';
import type { Environment } from '../platform/environment.ts';
import { quoteForCmd } from '../platform/run-agent.ts';
import { Cancelled } from '../terminal/console-terminal.ts';

/** How long an agent may take to answer, milliseconds. */
const TIMEOUT_MS = 60_000;
/** What ends a try before its time. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Try {
  readonly program: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly environment: Pick<Environment, 'platform'>;
}

/**
 * Runs an agent to its end, out of sight. It is gone afterwards with all that it started, also where `ucode` is interrupted
 * meanwhile.
 * @throws Error with the end of what it printed where it fails or takes too long; Cancelled.
 */
export function runTry({ program, args, variables, directory, environment }: Try): Promise<void> {
  return new Promise((resolve, reject) => {
    const windows = environment.platform === 'win32';
    const child = spawn(windows ? quoteForCmd(program) : program, windows ? args.map(quoteForCmd) : [...args], {
      cwd: directory,
      env: variables,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: windows,
      // A group of its own, to be ended as a whole.
      detached: !windows,
    });
    let output = '';
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString('utf8')).slice(-4_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    let ended: 'late' | 'interrupted' | undefined;
    const end = (why: typeof ended): void => {
      ended ??= why;
      try {
        if (child.pid !== undefined) process.kill(windows ? child.pid : -child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const interrupt = (): void => end('interrupted');
    const timer = setTimeout(() => end('late'), TIMEOUT_MS);
    for (const signal of INTERRUPTS) process.on(signal, interrupt);
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      for (const signal of INTERRUPTS) process.off(signal, interrupt);
      work();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', () => end(undefined));
    child.once('close', (code, signal) => {
      if (code === 0 && ended === undefined) return settle(resolve);
      if (ended === 'interrupted') return settle(() => reject(new Cancelled()));
      const why =
        ended === 'late' ? `did not answer within ${TIMEOUT_MS / 1000} s` : `ended with ${signal ?? `status ${code}`}`;
      const last = withoutSecrets(printable(output.trim().split('\n').slice(-5).join('\n'), 1_000));
      settle(() => reject(new Error(last === '' ? `it ${why}.` : `it ${why}:\n${last}`)));
    });
  });
}
