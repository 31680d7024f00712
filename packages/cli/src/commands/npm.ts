import { spawn, type StdioOptions } from 'node:child_process';
import { quoteForCmd } from '../platform/run-agent.ts';
import type { Context } from './context.ts';

/** Runs npm on the terminal. @throws Error with what to do when it fails or is not there. */
export async function runNpm(args: readonly string[], context: Context): Promise<void> {
  await startNpm(args, context, ['ignore', 2, 2]);
}

/** What npm prints. @throws like `runNpm` */
export function askNpm(args: readonly string[], context: Context): Promise<string> {
  return startNpm(args, context, ['ignore', 'pipe', 2]);
}

function startNpm(args: readonly string[], { environment }: Context, stdio: StdioOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const windows = environment.platform === 'win32';
    const child = spawn(windows ? 'npm.cmd' : 'npm', windows ? args.map(quoteForCmd) : [...args], {
      stdio,
      env: environment.variables as NodeJS.ProcessEnv,
      shell: windows,
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error) =>
      reject(new Error('npm is not installed, or not on PATH. It comes with Node.js.', { cause: error })),
    );
    child.once('close', (status) => {
      if (status === 0) resolve(output);
      else
        reject(
          new Error(`npm ${args.join(' ')} failed with status ${status ?? 'unknown'}. What it printed above says why.`),
        );
    });
  });
}
