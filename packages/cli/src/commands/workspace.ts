import type { Command } from 'commander';
import { UsageError } from '../terminal/terminal.ts';
import { workspaceUrl } from '../workspace/address.ts';
import type { Context } from './context.ts';

/** `workspace list|use`. */
export function workspaceCommand(program: Command, context: Context): void {
  const workspace = program
    .command('workspace')
    .description('the workspaces you are signed in to')
    .addHelpText('after', '\nExamples:\n  ucode workspace list\n  ucode workspace use https://gateway.example.com\n');
  workspace
    .command('list')
    .description('every workspace, the one in use first')
    .addHelpText('after', '\nExamples:\n  ucode workspace list --json\n')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { current, workspaces } = await context.settings.read();
      const rows = Object.entries(workspaces)
        .map(([url, { userName, profile }]) => ({
          url,
          user: userName ?? '',
          profile: profile ?? '',
          current: url === current,
        }))
        .toSorted((left, right) => Number(right.current) - Number(left.current) || (left.url < right.url ? -1 : 1));
      if (options.json) return context.terminal.data(JSON.stringify({ workspaces: rows }, undefined, 2));
      context.terminal.table(
        rows.map(({ url, user, profile, current: inUse }) => ({
          ' ': inUse ? '*' : '',
          workspace: url,
          user,
          profile,
        })),
        [' ', 'workspace', 'user', 'profile'],
      );
    });
  workspace
    .command('use')
    .description('use another workspace from now on')
    .addHelpText('after', '\nExamples:\n  ucode workspace use https://gateway.example.com\n')
    .argument('<url>')
    .action(async (given: string) => {
      const url = workspaceUrl(given);
      const { workspaces } = await context.settings.read();
      if (!Object.hasOwn(workspaces, url))
        throw new UsageError(`You are not signed in to ${url}. Sign in: ucode login ${url}`);
      await context.settings.change((settings) => ({ ...settings, current: url }));
      context.terminal.done(`Using ${url}`);
    });
}
