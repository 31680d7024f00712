import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { systemProblem } from '../lib/system-error.ts';
import { compareDefinitions, differenceLine } from '../setup/managed/compare.ts';
import type { Definition } from '../setup/managed/definition.ts';
import { definitionFromJson, DefinitionUnreadable } from '../setup/managed/from-file.ts';
import { readPublished, unpublish } from '../setup/managed/published.ts';
import { exitCodes, UsageError } from '../terminal/terminal.ts';
import type { Context } from './context.ts';
import { currentWorkspace } from './current-workspace.ts';
import { draftsOf, openManaged, tellProblems, type ManagedContext } from './managed-context.ts';
import { askDefinition, askSpendTiers } from './setup-wizard.ts';

interface SetupOptions {
  readonly fromFile?: string;
  readonly workspace?: string;
}

/** `setup`: admins say what everybody's agents are set up with; `apply` publishes it. */
export function setupCommand(program: Command, context: Context): void {
  const setup = program
    .command('setup')
    .description('admins: say what everybody’s agents are set up with; ucode apply publishes it')
    .option('--from-file <file>', 'take it from a JSON file instead of asking')
    .option('--workspace <url>', 'another workspace than the one in use')
    .addHelpText(
      'after',
      '\nExamples:\n  ucode setup\n  ucode setup --from-file agents.json && ucode apply --yes\n  ucode setup show --json\n',
    )
    .action(async ({ fromFile, workspace }: SetupOptions) => {
      const managed = await openManaged(context, workspace);
      const before = await startingPoint(managed);
      const definition =
        fromFile === undefined
          ? await askDefinition(context.terminal, before, managed)
          : { ...before, ...(await readDefinitionFile(fromFile, context)) };
      await keep(context, managed, definition);
    });
  setup
    .command('spend-tiers')
    .description('which agent and model are the default at which share of a budget')
    .addHelpText('after', '\nExamples:\n  ucode setup spend-tiers\n')
    .option('--workspace <url>', 'another workspace than the one in use')
    .action(async (_: object, command: Command) => {
      const managed = await openManaged(context, workspaceOf(command));
      const before = await startingPoint(managed);
      await keep(context, managed, {
        ...before,
        budget_policy: await askSpendTiers(context.terminal, before, managed),
      });
    });
  setup
    .command('show')
    .description('the draft, what is published, and how they differ')
    .addHelpText('after', '\nExamples:\n  ucode setup show\n  ucode setup show --json\n')
    .option('--json', 'as JSON')
    .option('--workspace <url>', 'another workspace than the one in use')
    .action(({ json }: { json?: boolean }, command: Command) => show(context, json ?? false, workspaceOf(command)));
  setup
    .command('delete')
    .description('take back what is published: everybody’s own choices hold again')
    .addHelpText('after', '\nExamples:\n  ucode setup delete --yes\n')
    .option('-y, --yes', 'without asking')
    .option('--workspace <url>', 'another workspace than the one in use')
    .action(async ({ yes }: { yes?: boolean }, command: Command) => {
      const { client, published, workspaceUrl } = await openManaged(context, workspaceOf(command));
      if (published === undefined) return context.terminal.note('Nothing is published.');
      const agreed =
        yes || (await context.terminal.confirm(`Unpublish it in ${workspaceUrl}?`, { flag: '--yes', initial: false }));
      if (!agreed) return;
      await unpublish(client, published);
      context.terminal.done('Nothing is published any more. Launches follow at their next start.');
    });
}

/** The option may stand before the sub-command as well. */
function workspaceOf(command: Command): string | undefined {
  return (command.optsWithGlobals() as SetupOptions).workspace;
}

/** The draft, else what is published, else nothing: what is not asked for is carried on. */
async function startingPoint({ drafts, published, workspaceUrl }: ManagedContext): Promise<Definition> {
  return (await drafts.read(workspaceUrl)) ?? published?.definition ?? {};
}

async function keep(context: Context, managed: ManagedContext, definition: Definition): Promise<void> {
  if (!tellProblems(context, definition, managed)) {
    context.exitCode = exitCodes.failed;
    return context.terminal.note('The draft was not changed.');
  }
  await managed.drafts.write(managed.workspaceUrl, definition);
  for (const line of compareDefinitions(managed.published?.definition, definition).map(differenceLine))
    context.terminal.note(line);
  context.terminal.done('Kept as a draft. Publish it with: ucode apply');
}

async function readDefinitionFile(file: string, { environment }: Context): Promise<Definition> {
  const from = path.resolve(environment.workingDirectory, file);
  let text: string;
  try {
    text = await readFile(from, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${systemProblem(error)}.`);
  }
  try {
    return definitionFromJson(text);
  } catch (error) {
    if (error instanceof DefinitionUnreadable) throw new UsageError(`${file}: ${error.message}.`);
    throw error;
  }
}

async function show(context: Context, json: boolean, workspace: string | undefined): Promise<void> {
  const { terminal } = context;
  const url = await currentWorkspace(context, workspace);
  const [draft, published] = await Promise.all([draftsOf(context).read(url), readPublished(await context.client(url))]);
  const differences = draft === undefined ? [] : compareDefinitions(published?.definition, draft);
  if (json) {
    const shown = { workspace: url, published: published?.definition ?? null, draft: draft ?? null, differences };
    return terminal.data(JSON.stringify(shown, undefined, 2));
  }
  terminal.data(`Published in ${url}:`);
  const lines = compareDefinitions(undefined, published?.definition ?? {}).map(
    (line) => `  ${line.place} = ${line.after}`,
  );
  terminal.data(lines.length === 0 ? '  nothing: everybody chooses' : lines.join('\n'));
  if (draft === undefined) return;
  terminal.data('\nDraft:');
  terminal.data(
    differences.length === 0 ? '  the same' : differences.map((line) => `  ${differenceLine(line)}`).join('\n'),
  );
}
