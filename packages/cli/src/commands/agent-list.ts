import type { AgentId } from '../agents/agent.ts';
import { agentNamed, agentNames } from '../agents/names.ts';
import { UsageError } from '../terminal/terminal.ts';

/** The agents that a command line names, separated by commas, each once. @throws UsageError naming one that is not known. */
export function agentList(names: string): AgentId[] {
  const ids = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      const id = agentNamed(name);
      if (id === undefined) throw new UsageError(`There is no agent '${name}'. Agents: ${agentNames.join(', ')}.`);
      return id;
    });
  return [...new Set(ids)];
}
