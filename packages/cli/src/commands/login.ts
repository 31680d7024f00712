import type { Command } from 'commander';
import { text as readAll } from 'node:stream/consumers';
import { UsageError } from '../terminal/terminal.ts';
import { workspaceUrl } from '../workspace/address.ts';
import type { Context } from './context.ts';
import { rememberWorkspace, signIn } from './sign-in.ts';

interface LoginOptions {
  readonly device?: boolean;
  readonly tokenStdin?: boolean;
}

/** `login`: signs in to a workspace and makes it the one in use. */
export function loginCommand(program: Command, context: Context): void {
  program
    .command('login')
    .description('sign in to a workspace, and use it from now on')
    .argument('[url]', 'address of the gateway; the workspace in use where it is left out')
    .option('--device', 'confirm a code on another device; chosen by itself over SSH and in containers')
    .option('--no-device', 'open a browser on this machine')
    .option('--token-stdin', 'read a personal access token from standard input')
    .addHelpText(
      'after',
      '\nExamples:\n  ucode login https://gateway.example.com\n  printf %s "$TOKEN" | ucode login https://gateway.example.com --token-stdin\n',
    )
    .action(async (given: string | undefined, options: LoginOptions) => {
      const { terminal, settings } = context;
      const named = given ?? (await settings.read()).current;
      const url = workspaceUrl(
        named ??
          (await terminal.ask('Address of your gateway?', {
            flag: 'its address: ucode login URL',
            placeholder: 'https://gateway.example.com',
          })),
      );
      const name = options.tokenStdin
        ? await withToken(context, url)
        : await signIn(context, url, { device: options.device });
      terminal.done(`Signed in to ${url} as ${name} (kept in ${(await context.credentials).place})`);
    });
}

async function withToken(context: Context, url: string): Promise<string> {
  const token = (await readAll(process.stdin)).trim();
  if (!/^[\x21-\x7e]{8,4096}$/.test(token))
    throw new UsageError('Standard input has no token: one line of printable characters is expected.');
  const credentials = await context.credentials;
  const before = await credentials.get(url);
  await credentials.set(url, { kind: 'personal-access-token', token });
  try {
    return await rememberWorkspace(context, url);
  } catch (error) {
    // A token that does not work does not replace a sign-in that does.
    if (before === undefined) await credentials.delete(url);
    else await credentials.set(url, before);
    throw error;
  }
}
