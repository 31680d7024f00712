import type { Agent, AgentId } from './agent.ts';

/** Every agent, a line each; loaded when it is asked for. */
const loaders: Readonly<Record<AgentId, () => Promise<{ readonly agent: Agent }>>> = {
  codex: () => import('./codex/index.ts'),
  claude: () => import('./claude/index.ts'),
  gemini: () => import('./gemini/index.ts'),
  opencode: () => import('./opencode/index.ts'),
  copilot: () => import('./copilot/index.ts'),
  pi: () => import('./pi/index.ts'),
  cursor: () => import('./cursor/index.ts'),
};

export const agentIds = Object.keys(loaders) as readonly AgentId[];

export async function loadAgent(id: AgentId): Promise<Agent> {
  return (await loaders[id]()).agent;
}

export async function loadAgents(ids: readonly AgentId[] = agentIds): Promise<Agent[]> {
  return Promise.all(ids.map(loadAgent));
}
