import { execFile } from 'node:child_process';
import path from 'node:path';
import { withoutProviderCredentials } from '../../support/gateway-process.ts';
import { nodeBinary, repositoryRoot } from '../../support/repository.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ucode-gateway ARGS` to its end. */
export function ucodeGateway(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const executable = path.join(repositoryRoot, 'packages', 'gateway', 'bin', 'ucode-gateway.js');
  return new Promise((resolve) => {
    execFile(
      nodeBinary,
      [executable, ...args],
      { env: { ...withoutProviderCredentials(process.env), ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      },
    );
  });
}
