import type { CodingAgent } from './coding-agent.ts';

/** `pi/1.5.2 (linux; node/…)`; the session is sent on Responses calls only. Seen with 1.5.2, 0.87.1 and 0.74.2. */
export const pi: CodingAgent = {
  id: 'pi',
  isProduct: (name) => name === 'pi',
  sessionHeaders: ['session-id'],
};
