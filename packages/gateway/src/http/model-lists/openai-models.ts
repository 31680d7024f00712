import type { GatewayConfig } from '../../config/gateway-config.ts';
import { schemaOf } from '../rest/resource-names.ts';
import type { RestRoute } from '../rest-route.ts';
import { listedModel, listedModels, type ListedModel, type NativeApi } from './listed-models.ts';

/** `openai` and `mlflow` have chat completions, responses and embeddings. */
const openaiApis: readonly NativeApi[] = [
  ['openai-responses', 'generate'],
  ['openai-chat', 'generate'],
  ['openai-chat', 'embeddings'],
];

/** Model list and single model of the OpenAI-shaped families. The id is the full name of the service. */
export const openaiModelRoutes: readonly RestRoute[] = ['openai', 'mlflow'].flatMap((family): RestRoute[] => [
  {
    method: 'GET',
    path: `/ai-gateway/${family}/v1/models`,
    dialect: 'openai-chat',
    handle: (_request, context) => ({ status: 200, body: openaiList(context.config(), openaiApis) }),
  },
  {
    method: 'GET',
    path: `/ai-gateway/${family}/v1/models/{model}`,
    dialect: 'openai-chat',
    handle: ({ params }, context) => {
      return { status: 200, body: openaiModel(listedModel(context.config(), openaiApis, params['model'] ?? '')) };
    },
  },
]);

/** OpenAI's list object of the models that speak one of `apis`. */
export function openaiList(config: GatewayConfig, apis: readonly NativeApi[]) {
  return { object: 'list', data: listedModels(config, apis).map(openaiModel) };
}

/** OpenAI's model object; `created` 0 is unknown. The fields below `owned_by` are ours, absent where unknown. */
function openaiModel({ service, displayName, contextWindow, maxOutputTokens }: ListedModel) {
  return {
    id: service.name,
    object: 'model',
    created: 0,
    owned_by: schemaOf(service.name),
    display_name: displayName,
    ...(contextWindow === undefined ? {} : { context_window: contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
  };
}
