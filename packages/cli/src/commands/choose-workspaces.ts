import { SignInNeeded } from '../auth/token.ts';
import { readProfiles } from '../auth/databricks-profiles.ts';
import { UsageError } from '../terminal/terminal.ts';
import { workspaceUrl } from '../workspace/address.ts';
import type { Context } from './context.ts';
import { ensureSignedIn } from './ensure-signed-in.ts';
import { rememberWorkspace } from './sign-in.ts';

/**
 * Signs in to every workspace that the command line names, by address or by profile of `~/.databrickscfg`, else to the
 * one in use. @returns the first, which is in use from then on.
 */
export async function chooseWorkspaces(
  context: Context,
  options: {
    readonly workspaces?: string | undefined;
    readonly profiles?: string | undefined;
    readonly usePat?: boolean | undefined;
  },
): Promise<string> {
  const urls =
    options.profiles === undefined
      ? split(options.workspaces).map(workspaceUrl)
      : await fromProfiles(context, split(options.profiles), options.usePat ?? false);
  if (urls.length === 0) return ensureSignedIn(context, undefined);
  for (const url of urls.toReversed()) {
    await ensureSignedIn(context, url);
    await rememberWorkspace(context, url);
  }
  const [first] = urls;
  if (first === undefined) throw new SignInNeeded('URL', 'No workspace is in use.');
  return first;
}

async function fromProfiles(context: Context, names: readonly string[], usePat: boolean): Promise<string[]> {
  const profiles = await readProfiles(context.environment);
  const credentials = await context.credentials;
  const urls: string[] = [];
  for (const name of names) {
    const profile = profiles.find((one) => one.name === name);
    if (profile === undefined)
      throw new UsageError(
        `There is no profile '${name}' in ~/.databrickscfg. Profiles: ${profiles.map((one) => one.name).join(', ') || 'none'}.`,
      );
    const url = workspaceUrl(profile.host);
    if (usePat) {
      if (profile.token === undefined) throw new UsageError(`The profile '${name}' has no personal access token.`);
      await credentials.set(url, { kind: 'personal-access-token', token: profile.token });
    }
    await context.settings.changeWorkspace(url, (settings) => ({ ...settings, profile: name }));
    urls.push(url);
  }
  return urls;
}

function split(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
