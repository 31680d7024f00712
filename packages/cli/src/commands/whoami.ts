import type { Command } from 'commander';
import type { Context } from './context.ts';
import { currentWorkspace } from './current-workspace.ts';

/** `whoami`: who the gateway takes you for. */
export function whoamiCommand(program: Command, context: Context): void {
  program
    .command('whoami')
    .description('who you are at the gateway')
    .addHelpText('after', '\nExamples:\n  ucode whoami\n  ucode whoami --json\n')
    .option('--workspace <url>', 'another workspace than the one in use')
    .option('--json', 'as JSON')
    .action(async (options: { workspace?: string; json?: boolean }) => {
      const workspace = await currentWorkspace(context, options.workspace);
      const me = await (await context.client(workspace)).json('/api/2.0/preview/scim/v2/Me');
      const listed: readonly unknown[] = Array.isArray(me['groups']) ? me['groups'] : [];
      const groups = listed.map((group) => String((group as { display?: unknown }).display));
      const user = String(me['userName']);
      if (options.json) context.terminal.data(JSON.stringify({ workspace, user, groups }, undefined, 2));
      else context.terminal.data(`${user} at ${workspace}${groups.length > 0 ? ` (${groups.join(', ')})` : ''}`);
    });
}
