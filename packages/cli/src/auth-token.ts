import path from 'node:path';
import { parseArgs } from 'node:util';
import { environmentTokens } from './auth/environment-tokens.ts';
import { openCredentials } from './auth/open-credentials.ts';
import { SignInNeeded } from './auth/token.ts';
import { WorkspaceTokens } from './auth/workspace-tokens.ts';
import { readEnvironment } from './platform/read-environment.ts';
import { Transport } from './platform/transport.ts';
import { SettingsFile } from './setup/settings.ts';
import { exitCodes } from './terminal/terminal.ts';
import { workspaceUrl } from './workspace/address.ts';

/**
 * Prints a token and a newline, nothing else: what agents run as their helper. An entry of its own, so that nothing
 * else is loaded. `--host URL` (default: the workspace in use), `--force-refresh`; `--otel-headers`: as the
 * JSON object of headers that Claude Code's exporter asks for; `--profile` and `--use-pat` of the
 * original are accepted.
 * @returns the exit code.
 */
export async function printToken(args: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        host: { type: 'string' },
        profile: { type: 'string' },
        'use-pat': { type: 'boolean' },
        'force-refresh': { type: 'boolean' },
        'otel-headers': { type: 'boolean' },
      },
    });
    const current =
      values.host ?? (await new SettingsFile(path.join(environment.ucodeHome, 'settings.json')).read()).current;
    if (current === undefined) throw new SignInNeeded('URL', 'No workspace is in use.');
    const url = workspaceUrl(current);
    const transport = new Transport(environment);
    const tokens =
      environmentTokens(url, environment, transport) ??
      new WorkspaceTokens({
        workspaceUrl: url,
        credentials: await openCredentials(environment),
        transport,
        lockFile: path.join(environment.ucodeHome, 'locks', `${encodeURIComponent(url)}.lock`),
      });
    const known = await tokens.token();
    // What does not expire cannot be renewed.
    const renews = values['force-refresh'] === true && known.expiresAt !== undefined;
    const { value } = renews ? await tokens.token({ refused: known.value }) : known;
    const printed = values['otel-headers'] ? JSON.stringify({ Authorization: `Bearer ${value}` }) : value;
    process.stdout.write(`${printed}\n`);
    transport.close();
    return exitCodes.ok;
  } catch (error) {
    process.stderr.write(`ucode: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof SignInNeeded ? exitCodes.signInNeeded : exitCodes.failed;
  }
}

process.exitCode = await printToken(process.argv.slice(2));
