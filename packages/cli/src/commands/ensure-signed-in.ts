import { environmentTokens } from '../auth/environment-tokens.ts';
import { workspaceUrl } from '../workspace/address.ts';
import type { Context } from './context.ts';
import { signIn } from './sign-in.ts';

/**
 * The workspace to work with, signed in to. Asks for its address, and for a sign-in, where there is none yet.
 * @param wanted what the command line names.
 * @returns its URL.
 */
export async function ensureSignedIn(context: Context, wanted: string | undefined): Promise<string> {
  const { environment, terminal, settings } = context;
  const { variables } = environment;
  const { current } = await settings.read();
  const named = wanted ?? variables['UCODE_WORKSPACE'] ?? current ?? variables['DATABRICKS_HOST'];
  const url = workspaceUrl(
    named ||
      (await terminal.ask('Address of your gateway?', {
        flag: '--workspace URL, or UCODE_WORKSPACE',
        placeholder: 'https://gateway.example.com',
      })),
  );
  if (environmentTokens(url, environment, context.transport)) return url;
  if ((await (await context.credentials).get(url)) === undefined) {
    const name = await signIn(context, url);
    terminal.done(`Signed in to ${url} as ${name}`);
  }
  return url;
}
