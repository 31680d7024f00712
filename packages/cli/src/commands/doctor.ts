import type { Command } from 'commander';
import { loadAgents } from '../agents/registry.ts';
import { exitCodes } from '../terminal/terminal.ts';
import { workspaceUrl } from '../workspace/address.ts';
import type { Context } from './context.ts';
import { runChecks } from './doctor-checks.ts';

/** `doctor`: looks at everything a launch needs. */
export function doctorCommand(program: Command, context: Context): void {
  program
    .command('doctor')
    .description('check everything a launch needs; each line that fails has its cure below it')
    .addHelpText('after', '\nExamples:\n  ucode doctor\n  ucode doctor --json\n')
    .option('--workspace <url>', 'another workspace than the one in use')
    .option('--json', 'as JSON')
    .action(async (options: { workspace?: string; json?: boolean }) => {
      const named = options.workspace ?? (await context.settings.read()).current;
      const url = named === undefined ? undefined : workspaceUrl(named);
      const checks = await runChecks(context, url, await loadAgents());
      if (options.json) context.terminal.data(JSON.stringify({ checks }, undefined, 2));
      else {
        for (const { ok, text, cure } of checks) {
          context.terminal.data(`${ok ? '✓' : '✗'} ${text}`);
          if (cure !== undefined) context.terminal.data(`    ${cure}`);
        }
      }
      if (checks.some(({ ok }) => !ok)) context.exitCode = exitCodes.failed;
    });
}
