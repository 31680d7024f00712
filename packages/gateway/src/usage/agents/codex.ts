import { headerText, type CodingAgent } from './coding-agent.ts';

const originPattern = /^codex[-_]/;

/**
 * `codex_exec/0.169.0 (Debian …) dumb (codex_exec; 0.169.0)`, `codex-tui/…`; `originator` names the surface
 * even where the User-Agent is overridden. 0.118 sends `session_id`. A thread other than the session's own
 * is a sub-agent's. Seen with 0.118, 0.133 and 0.169.
 */
export const codex: CodingAgent = {
  id: 'codex',
  isProduct: (name) => name === 'codex' || originPattern.test(name),
  hasHeaders: (headers) => originPattern.test(headerText(headers, 'originator') ?? ''),
  surface: (headers, product) => {
    const origin = headerText(headers, 'originator') ?? product?.name ?? '';
    return originPattern.test(origin) ? origin.replace(originPattern, '') : undefined;
  },
  sessionHeaders: ['session-id', 'session_id', 'thread-id'],
  subagent: (headers) => {
    const thread = headerText(headers, 'thread-id');
    return thread === headerText(headers, 'session-id') ? undefined : thread;
  },
};
