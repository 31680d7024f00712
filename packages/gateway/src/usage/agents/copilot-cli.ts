import type { CodingAgent } from './coding-agent.ts';

/**
 * No User-Agent of its own on model calls (`OpenAI/JS 5.20.1`, `Anthropic/JS 0.94.0`), so known by
 * `x-initiator` or `x-interaction-type`; its MCP calls say `copilot-cli/1.0.102`. Seen with 1.0.102.
 */
export const copilotCli: CodingAgent = {
  id: 'copilot-cli',
  isProduct: (name) => name.includes('copilot'),
  hasHeaders: (headers) =>
    (headers['x-initiator'] !== undefined || headers['x-interaction-type'] !== undefined) &&
    /^(OpenAI|Anthropic)\/JS /.test(headers['user-agent'] ?? ''),
  sessionHeaders: [],
};
