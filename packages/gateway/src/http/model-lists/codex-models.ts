import { answerWithEtag } from '../rest/etag.ts';
import { usableConfig } from '../rest/service-requests.ts';
import type { RestRoute } from '../rest-route.ts';
import { openaiList } from './openai-models.ts';

/**
 * Codex asks for its own shape, `{models: [ModelInfo]}`, and fails noisily on a plain OpenAI list. An
 * empty `models` is quiet and leaves it to its bundled metadata; an entry there would replace Codex's
 * own system prompt by our `base_instructions`. `data` is for everybody else (agents 1.7, section 2).
 */
export const codexModelRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/ai-gateway/codex/v1/models',
    describe: {
      id: 'listCodexModels',
      summary: 'Lists the models that speak the Responses API, as Codex reads them.',
      access: 'user',
      tag: 'models',
    },
    scopes: ['model-serving'],
    dialect: 'openai-responses',
    handle: (request, context) =>
      answerWithEtag(request, {
        ...openaiList(usableConfig(context, request), [['openai-responses', 'generate']]),
        models: [],
      }),
  },
];
