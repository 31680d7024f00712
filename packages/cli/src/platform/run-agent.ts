import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { systemCode } from '../lib/system-error.ts';
import type { Environment } from './environment.ts';

/** Signals that go to the agent, which ends or not as it sees fit. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** Those that a terminal sends to everybody in the foreground, the agent too: passed on, it would get them twice. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT']);

export interface AgentProcess {
  /** Absolute path, or a name on PATH. */
  readonly program: string;
  readonly args: readonly string[];
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs an agent in the foreground on the caller's terminal and resolves when it has ended. Ctrl-C reaches it from the
 * terminal; it decides what that means.
 * @throws Error naming the program where it cannot be started.
 */
export function runAgent({ program, args, env }: AgentProcess, environment: Environment): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const windows = environment.platform === 'win32';
    const child = spawn(windows ? quoteForCmd(program) : program, windows ? args.map(quoteForCmd) : [...args], {
      stdio: 'inherit',
      env: merged(environment.variables, env),
      // npm installs agents as .cmd files there, which only a shell can start.
      shell: windows,
    });
    const onTerminal = process.stdin.isTTY === true;
    const forward = PASSED_ON.map((signal) => {
      const handler = (): void => {
        if (!(onTerminal && FROM_TERMINAL.has(signal))) child.kill(signal);
      };
      process.on(signal, handler);
      return [signal, handler] as const;
    });
    const stopListening = (): void => {
      for (const [signal, handler] of forward) process.off(signal, handler);
    };
    child.once('error', (error) => {
      stopListening();
      const why = systemCode(error) === 'ENOENT' ? 'it is not installed, or not on PATH' : error.message;
      reject(new Error(`${program} cannot be started: ${why}.`, { cause: error }));
    });
    child.once('close', (code, signal) => {
      stopListening();
      resolve({ code, signal });
    });
  });
}

/** Ends this process as the agent ended: with its code, or by the same signal. */
export function endAs({ code, signal }: Ended): never {
  if (signal !== null) {
    process.kill(process.pid, signal);
    // Where the signal does not end a process, its conventional code does.
    process.exit(128 + (constants.signals[signal] ?? 0));
  }
  process.exit(code ?? 1);
}

function merged(variables: Environment['variables'], changes: AgentProcess['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...variables };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** An argument as `cmd.exe` reads it: quoted, with its own special characters escaped. */
export function quoteForCmd(argument: string): string {
  if (/^[\w\-./\\:@=+]+$/.test(argument)) return argument;
  const quoted = `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`;
  return quoted.replace(/[()%!^"<>&|]/g, '^$&');
}
