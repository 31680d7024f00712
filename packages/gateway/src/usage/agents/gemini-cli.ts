import type { CodingAgent } from './coding-agent.ts';

/**
 * `GeminiCLI-tui/0.61.0/{model} (linux; x64; terminal)` or `GeminiCLI/…`; started by the launcher
 * `ucode/V gemini/V`. No session id anywhere in the request. Seen with 0.61.0 and 0.44.0.
 */
export const geminiCli: CodingAgent = {
  id: 'gemini-cli',
  budgetRefusalStatus: 429,
  isProduct: (name) => name === 'gemini' || name === 'geminicli' || name.startsWith('geminicli-'),
  surface: (_headers, product) => {
    if (product === undefined) return undefined;
    const suffix = product.name.slice('geminicli-'.length);
    return suffix === '' ? product.comment.at(-1) : suffix;
  },
  sessionHeaders: [],
};
