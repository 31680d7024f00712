import type { Command } from 'commander';
import { compareDefinitions, differenceLine } from '../setup/managed/compare.ts';
import { publish } from '../setup/managed/published.ts';
import { exitCodes } from '../terminal/terminal.ts';
import type { Context } from './context.ts';
import { openManaged, tellProblems } from './managed-context.ts';

interface ApplyOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly workspace?: string;
}

/** `apply`: publishes the draft that `setup` has made, once it was shown how it differs. */
export function applyCommand(program: Command, context: Context): void {
  program
    .command('apply')
    .description('admins: publish the draft of ucode setup; launches follow')
    .option('-y, --yes', 'without asking')
    .option('--dry-run', 'show what would change, and publish nothing')
    .option('--workspace <url>', 'another workspace than the one in use')
    .addHelpText('after', '\nExamples:\n  ucode apply --dry-run\n  ucode apply --yes\n')
    .action(async ({ yes, dryRun, workspace }: ApplyOptions) => {
      const { terminal } = context;
      const managed = await openManaged(context, workspace);
      const { client, drafts, published, workspaceUrl } = managed;
      const draft = await drafts.read(workspaceUrl);
      if (draft === undefined) {
        terminal.fail('There is no draft.', 'Make one with: ucode setup');
        context.exitCode = exitCodes.failed;
        return;
      }
      const differences = compareDefinitions(published?.definition, draft);
      if (differences.length === 0) {
        await drafts.delete(workspaceUrl);
        return terminal.note('There is nothing to publish: the draft is what is published already.');
      }
      // Models and budgets may have gone since the draft was made.
      if (!tellProblems(context, draft, managed)) {
        context.exitCode = exitCodes.failed;
        return terminal.note('Nothing was published.');
      }
      for (const difference of differences) terminal.data(differenceLine(difference));
      if (dryRun) return;
      const agreed =
        yes || (await terminal.confirm(`Publish this in ${workspaceUrl}?`, { flag: '--yes', initial: true }));
      if (!agreed) return;
      await publish(client, published, draft);
      await drafts.delete(workspaceUrl);
      terminal.done('Published. Launches follow at their next start.');
    });
}
