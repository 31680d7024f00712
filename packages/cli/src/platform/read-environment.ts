import { homedir } from 'node:os';
import path from 'node:path';
import type { Environment } from './environment.ts';

/** The machine that this process runs on. */
export function readEnvironment(): Environment {
  const { env } = process;
  const home = env['HOME'] || env['USERPROFILE'] || homedir();
  return {
    platform: process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux',
    home,
    variables: env,
    workingDirectory: process.cwd(),
    ucodeHome: env['UCODE_HOME'] || path.join(home, '.ucode'),
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY) && !env['CI'],
  };
}
