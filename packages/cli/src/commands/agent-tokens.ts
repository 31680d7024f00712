import { hostname } from 'node:os';
import type { Agent, AgentId } from '../agents/agent.ts';
import type { WorkspaceSettings } from '../setup/settings.ts';
import { UsageError } from '../terminal/terminal.ts';
import { createToken, deleteToken, type PersonalToken } from '../workspace/personal-tokens.ts';
import type { Context } from './context.ts';

/** How long a token lasts that is written down, where nobody says it. */
export const DEFAULT_LIFETIME = '90d';

/** Seconds of `90d` or `12h`. @throws UsageError */
export function lifetimeSeconds(text: string): number {
  const [, count, unit] = /^(\d{1,4})([dh])$/.exec(text) ?? [];
  const seconds = Number(count) * (unit === 'd' ? 86_400 : 3_600);
  if (!(seconds > 0)) throw new UsageError(`--token-lifetime ${text} is no time such as 90d or 12h.`);
  return seconds;
}

/**
 * Makes a personal access token for an agent on this machine and has it used. The one it had before is deleted then; if
 * the use fails, the new one is. Ids are remembered before anything is written, so that none is forgotten.
 */
export async function withAgentToken<T>(
  context: Context,
  agent: Agent,
  workspaceUrl: string,
  lifetime: number,
  use: (token: PersonalToken) => Promise<T>,
): Promise<T> {
  const client = await context.client(workspaceUrl);
  const comment = `ucode: ${agent.displayName} on ${hostname()}`;
  const token = await createToken(client, { comment, lifetimeSeconds: lifetime });
  await remember(context, workspaceUrl, agent.id, (ids) => [...ids, token.id]);
  let result: T;
  try {
    result = await use(token);
  } catch (error) {
    await forget(context, workspaceUrl, agent.id, (id) => id === token.id);
    throw error;
  }
  await forget(context, workspaceUrl, agent.id, (id) => id !== token.id);
  return result;
}

/**
 * Deletes the tokens that were made for these agents, for all where none are named; of one workspace, of all where none is
 * named. Says which it could not delete.
 */
export async function deleteAgentTokens(
  context: Context,
  agents: readonly AgentId[] | undefined,
  workspaceUrl?: string,
): Promise<void> {
  const { workspaces } = await context.settings.read();
  for (const [url, { tokens = {} }] of Object.entries(workspaces)) {
    if (workspaceUrl !== undefined && url !== workspaceUrl) continue;
    for (const id of Object.keys(tokens) as AgentId[])
      if (agents === undefined || agents.includes(id)) await forget(context, url, id, () => true);
  }
}

async function forget(
  context: Context,
  workspaceUrl: string,
  agent: AgentId,
  chosen: (id: string) => boolean,
): Promise<void> {
  const { tokens } = (await context.settings.read()).workspaces[workspaceUrl] ?? {};
  for (const id of (tokens?.[agent] ?? []).filter(chosen)) {
    try {
      await deleteToken(await context.client(workspaceUrl), id);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      context.terminal.warn(
        `The personal access token ${id} of ${agent} could not be deleted at ${workspaceUrl}; it works until it expires. ${why}`,
      );
    }
    await remember(context, workspaceUrl, agent, (ids) => ids.filter((one) => one !== id));
  }
}

async function remember(
  { settings }: Context,
  workspaceUrl: string,
  agent: AgentId,
  change: (ids: readonly string[]) => readonly string[],
): Promise<void> {
  await settings.changeWorkspace(workspaceUrl, ({ tokens, ...before }): WorkspaceSettings => {
    const ids = change(tokens?.[agent] ?? []);
    const { [agent]: _, ...others } = tokens ?? {};
    const all = ids.length === 0 ? others : { ...others, [agent]: ids };
    return Object.keys(all).length === 0 ? before : { ...before, tokens: all };
  });
}
