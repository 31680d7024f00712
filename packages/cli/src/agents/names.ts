import type { AgentId } from './agent.ts';

/** What an agent may be called on the command line. Kept apart from the agents themselves, so that reading it costs nothing. */
const names: Readonly<Record<string, AgentId>> = {
  codex: 'codex',
  claude: 'claude',
  'claude-code': 'claude',
  gemini: 'gemini',
  'gemini-cli': 'gemini',
  opencode: 'opencode',
  copilot: 'copilot',
  pi: 'pi',
  cursor: 'cursor',
};

/** The agent of that name, or `undefined`. */
export function agentNamed(name: string): AgentId | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

/** Every name, for help and completion. */
export const agentNames: readonly string[] = Object.keys(names);

/** The other names of an agent. */
export function aliasesOf(id: AgentId): string[] {
  return agentNames.filter((name) => name !== id && names[name] === id);
}
