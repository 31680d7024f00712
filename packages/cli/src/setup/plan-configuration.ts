import type { Agent, AgentSetup } from '../agents/agent.ts';
import { planEdits, type PlannedEdit } from '../files/apply-edits.ts';
import type { FileEdit } from '../files/file-edit.ts';
import type { Journal } from '../files/journal.ts';

/** What configuring one agent would write. */
export interface AgentPlan {
  readonly agent: Agent;
  readonly setup: AgentSetup;
  /** Whether it is for starts without `ucode`. */
  readonly global: boolean;
  readonly edits: readonly FileEdit[];
  readonly planned: readonly PlannedEdit[];
}

/** Works out the files of an agent: the private profile, or with `global` its own. @throws FileUnreadable, Error */
export async function planAgent(
  agent: Agent,
  setup: AgentSetup,
  global: boolean,
  journal: Journal,
): Promise<AgentPlan> {
  if (global && agent.globalAuth === 'none')
    throw new Error(`${agent.displayName} has no setting for a gateway. Start it with: ucode ${agent.id}`);
  const edits = global ? agent.globalFiles(setup) : agent.privateFiles(setup);
  return { agent, setup, global, edits, planned: await planEdits(edits, agent.id, journal) };
}
