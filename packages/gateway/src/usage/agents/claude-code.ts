import { headerText, type CodingAgent } from './coding-agent.ts';

/**
 * `claude-cli/2.1.330 (external, sdk-cli)`; started by the launcher `ucode/V claude/V`, where `x-app` still
 * tells the surface. Seen with 2.1.330 and 2.1.197.
 */
export const claudeCode: CodingAgent = {
  id: 'claude-code',
  budgetRefusalStatus: 429,
  isProduct: (name) => name === 'claude-cli' || name === 'claude-code' || name === 'claude',
  hasHeaders: (headers) => headers['x-claude-code-session-id'] !== undefined,
  surface: (headers, product) => product?.comment.at(-1) ?? headerText(headers, 'x-app'),
  sessionHeaders: ['x-claude-code-session-id'],
  subagent: (headers) => headerText(headers, 'x-claude-code-agent-id'),
};
