import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import type { AgentId } from '../agents/agent.ts';
import { agentNamed } from '../agents/names.ts';
import { loadAgents } from '../agents/registry.ts';
import { revertEntries } from '../files/revert.ts';
import { unlinkPrivateHome } from '../setup/private-home.ts';
import { exitCodes, UsageError } from '../terminal/terminal.ts';
import { deleteAgentTokens } from './agent-tokens.ts';
import type { Context } from './context.ts';
import { tidyUp } from './tidy-up.ts';

const SAID = {
  restored: 'is as it was',
  removed: 'is gone, as before',
  cleaned: 'keeps your changes; ours are gone',
} as const;

/** `revert`: puts every file back as it was before ucode first wrote it. */
export function revertCommand(program: Command, context: Context): void {
  program
    .command('revert')
    .description('put every file back as it was before ucode wrote it; you stay signed in')
    .addHelpText('after', '\nExamples:\n  ucode revert\n  ucode revert --agents codex,claude\n')
    .option('--agents <names>', 'only those of these agents, separated by commas')
    .action(async (options: { agents?: string }) => {
      const ids = options.agents?.split(',').map((name) => {
        const id = agentNamed(name.trim());
        if (id === undefined) throw new UsageError(`There is no agent '${name.trim()}'.`);
        return id;
      });
      await deleteAgentTokens(context, ids);
      for (const agent of await loadAgents(ids)) {
        const privateHome = agent.privateHome?.(context.environment);
        if (privateHome !== undefined) await unlinkPrivateHome(privateHome);
      }
      const { outcomes, unreadable } = await context.journal.exclusively(async () => {
        const { entries, unreadable } = await context.journal.entries();
        const chosen = entries.filter(({ places }) => ids === undefined || ids.some((id) => Object.hasOwn(places, id)));
        return { outcomes: await revertEntries(chosen, context.journal, ids), unreadable };
      });
      for (const one of outcomes) {
        if (one.outcome === 'kept') context.terminal.warn(one.problem);
        else context.terminal.done(`${one.path} ${SAID[one.outcome]}`);
      }
      for (const file of unreadable) context.terminal.fail(`${file} is damaged: what it was for cannot be put back.`);
      if (outcomes.some(({ outcome }) => outcome === 'kept') || unreadable.length > 0)
        context.exitCode = exitCodes.failed;
      await noteWhatStays(context, ids);
      await forget(context, ids);
      if (outcomes.length === 0 && unreadable.length === 0) context.terminal.note('ucode has written no file.');
    });
}

/** What agents have made themselves in a home of ours is theirs, and may be dear to somebody. */
async function noteWhatStays({ environment, terminal }: Context, ids: readonly AgentId[] | undefined): Promise<void> {
  for (const agent of await loadAgents(ids)) {
    const at = agent.privateHome?.(environment).at;
    const left = at === undefined ? [] : await readdir(at).catch(() => []);
    if (left.length > 0)
      terminal.note(`${agent.displayName} has left sessions of its own in ${at}. Delete them if you do not need them.`);
  }
}

/** Agents are no longer set up. */
async function forget(context: Context, ids: readonly string[] | undefined): Promise<void> {
  await context.settings.change((before) => {
    const { agents, ...rest } = before;
    const left = ids === undefined ? [] : (agents ?? []).filter((id) => !ids.includes(id));
    return { ...rest, ...(left.length === 0 ? {} : { agents: left }) };
  });
  if (ids === undefined) await tidyUp(context);
}
