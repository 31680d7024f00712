import type { Command } from 'commander';
import { findOAuthServer, postForm } from '../auth/oauth-server.ts';
import { workspaceUrl } from '../workspace/address.ts';
import { deleteAgentTokens } from './agent-tokens.ts';
import type { Context } from './context.ts';
import { tidyUp } from './tidy-up.ts';

/** `logout`: ends the sign-in here, and at the gateway where it can be reached. */
export function logoutCommand(program: Command, context: Context): void {
  program
    .command('logout')
    .description('sign out of a workspace: the tokens here are deleted, and ended at the gateway')
    .addHelpText('after', '\nExamples:\n  ucode logout\n  ucode logout --all\n')
    .argument('[url]', 'the workspace in use where it is left out')
    .option('--all', 'of every workspace')
    .action(async (given: string | undefined, options: { all?: boolean }) => {
      const { current, workspaces } = await context.settings.read();
      const named = options.all ? Object.keys(workspaces) : [given ?? current].filter((url) => url !== undefined);
      if (named.length === 0) return context.terminal.note('You are not signed in anywhere.');
      for (const url of named.map(workspaceUrl)) await signOut(context, url);
      await tidyUp(context);
    });
}

async function signOut(context: Context, url: string): Promise<void> {
  const { terminal, transport } = context;
  // Nobody could delete them later: they are the caller's, and their ids are forgotten with the workspace.
  await deleteAgentTokens(context, undefined, url);
  const credentials = await context.credentials;
  const credential = await credentials.get(url);
  await credentials.delete(url);
  if (credential?.kind === 'oauth' && credential.refreshToken !== '') {
    try {
      const { revocationEndpoint } = await findOAuthServer(url, transport);
      if (revocationEndpoint !== undefined) {
        await postForm(
          revocationEndpoint,
          { token: credential.refreshToken, client_id: credential.clientId },
          transport,
        );
      }
    } catch (error) {
      terminal.warn(`The gateway was not told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await context.settings.change((settings) => {
    const { [url]: _, ...workspaces } = settings.workspaces;
    const { current, ...rest } = settings;
    return { ...rest, ...(current === undefined || current === url ? {} : { current }), workspaces };
  });
  terminal.done(`Signed out of ${url}`);
}
