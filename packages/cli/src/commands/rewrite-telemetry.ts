import { loadAgents } from '../agents/registry.ts';
import { applyEdits } from '../files/apply-edits.ts';
import type { Catalogue } from '../setup/catalogue-cache.ts';
import type { Context } from './context.ts';
import { planFor } from './plan-for.ts';

/**
 * Writes again the files that tell an agent where its telemetry goes, as far as `ucode` has written them for this
 * workspace: the private profile, and the agent's own file after `configure --global`. Agents that are told at their
 * launch have nothing of it in files.
 */
export async function rewriteTelemetry(context: Context, workspaceUrl: string, catalogue: Catalogue): Promise<void> {
  const { journal, terminal } = context;
  const { entries } = await journal.entries();
  for (const agent of await loadAgents()) {
    const written = entries.filter(({ places }) => Object.hasOwn(places, agent.id)).map(({ path }) => path);
    if (agent.telemetry.auth !== 'helper' || written.length === 0) continue;
    for (const global of [false, true]) {
      try {
        const { planned } = await planFor(context, agent, workspaceUrl, catalogue, { global, install: false });
        const ours = planned.filter(
          ({ edit, before }) => written.includes(edit.path) && before?.includes(`${workspaceUrl}/`),
        );
        await applyEdits(
          ours.map(({ edit }) => edit),
          agent.id,
          journal,
        );
      } catch (error) {
        terminal.warn(`${agent.displayName}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
