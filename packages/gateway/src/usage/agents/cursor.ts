import type { CodingAgent } from './coding-agent.ts';

/** Calls come from Cursor's servers (agents.md 9, reported); their User-Agent is not known, so the path tells. */
export const cursor: CodingAgent = {
  id: 'cursor',
  isProduct: (name) => name === 'cursor' || name.startsWith('cursor-'),
  ownPath: 'cursor/v1/',
  sessionHeaders: [],
};
