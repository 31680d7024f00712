import { version } from '../lib/version.ts';
import type { AgentId, AgentSetup } from './agent.ts';

/** What an agent's requests say they come from, as usage reports read it: `ucode/1.0.0 codex/0.169.0`. */
export function userAgent(id: AgentId, { agentVersion }: Pick<AgentSetup, 'agentVersion'>): string {
  return `ucode/${version} ${id}/${agentVersion ?? 'unknown'}`;
}
