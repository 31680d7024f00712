import path from 'node:path';
import type { Agent } from '../agents/agent.ts';
import { loadAgents } from '../agents/registry.ts';
import { wireNames, type Definition } from '../setup/managed/definition.ts';
import { Drafts } from '../setup/managed/draft.ts';
import { isAdmin, readPublished, readTierBudgets, type Published } from '../setup/managed/published.ts';
import { problemsOf, type TierBudget } from '../setup/managed/check.ts';
import type { OfferedModel } from '../workspace/models.ts';
import type { WorkspaceClient } from '../workspace/client.ts';
import { readModels } from '../workspace/read-models.ts';
import type { Context } from './context.ts';
import { ensureSignedIn } from './ensure-signed-in.ts';

/** Everything that admins work with when they set up the agents of a workspace. */
export interface ManagedContext {
  readonly workspaceUrl: string;
  readonly client: WorkspaceClient;
  readonly drafts: Drafts;
  readonly published: Published | undefined;
  /** Agents that can be managed. */
  readonly agents: readonly Agent[];
  readonly models: readonly OfferedModel[];
  readonly budgets: readonly TierBudget[];
}

/** Somebody else than an admin asked for what only admins may do. */
export class NotAdmin extends Error {
  override readonly name = 'NotAdmin';
}

/** @throws NotAdmin before anything is asked or typed, WorkspaceError, SignInNeeded */
export async function openManaged(context: Context, workspace: string | undefined): Promise<ManagedContext> {
  const workspaceUrl = await ensureSignedIn(context, workspace);
  const client = await context.client(workspaceUrl);
  if (!(await isAdmin(client))) {
    throw new NotAdmin(
      `Only admins of ${workspaceUrl} may set up its agents: you are not in the group 'admins'. What is published: ucode setup show`,
    );
  }
  const [published, models, budgets, agents] = await Promise.all([
    readPublished(client),
    readModels(client),
    readTierBudgets(client),
    loadAgents(),
  ]);
  const managed = agents.filter(({ id }) => wireNames[id] !== undefined);
  return { workspaceUrl, client, drafts: draftsOf(context), published, agents: managed, models, budgets };
}

export function draftsOf({ environment }: Context): Drafts {
  return new Drafts(path.join(environment.ucodeHome, 'drafts'));
}

/** Tells what is wrong with a definition. @returns whether nothing is. */
export function tellProblems({ terminal }: Context, definition: Definition, managed: ManagedContext): boolean {
  const problems = problemsOf(definition, managed);
  for (const problem of problems) terminal.fail(`${problem}.`);
  return problems.length === 0;
}
