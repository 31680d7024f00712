import type { CodingAgent } from './coding-agent.ts';

/** `opencode/1.18.33 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14`. Sessions are `ses_…`. Seen with 1.18.33. */
export const opencode: CodingAgent = {
  id: 'opencode',
  isProduct: (name) => name === 'opencode',
  hasHeaders: (headers) => String(headers['x-session-affinity'] ?? '').startsWith('ses_'),
  sessionHeaders: ['x-session-id', 'x-session-affinity'],
};
