import { agentIds } from './registry.ts';

const AGENT = new RegExp(`(?:^|[^a-z])(${agentIds.join('|')})(?:[-_]?cli|-code)?(?![a-z])`, 'i');

/**
 * The agent that a user agent names, `ucode/1.0.0 codex/0.169.0` or `claude-cli/2.1.197 (external, cli)`, or that the
 * gateway names, `copilot-cli`: its id, or `undefined`.
 */
export function agentOf(text: string): string | undefined {
  return AGENT.exec(text)?.[1]?.toLowerCase();
}
