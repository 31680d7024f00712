import type { GatewayConfig } from '../../config/gateway-config.ts';
import { schemaOf } from '../rest/resource-names.ts';
import { usableConfig } from '../rest/service-requests.ts';
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
    describe: {
      id: `list${capital(family)}Models`,
      summary: `Lists the models of the ${family} paths in the shape of OpenAI.`,
      access: 'user',
      tag: 'models',
    },
    scopes: ['model-serving'],
    dialect: 'openai-chat',
    handle: (request, context) => ({ status: 200, body: openaiList(usableConfig(context, request), openaiApis) }),
  },
  {
    method: 'GET',
    path: `/ai-gateway/${family}/v1/models/{model}`,
    describe: {
      id: `get${capital(family)}Model`,
      summary: `Shows a model of the ${family} paths in the shape of OpenAI.`,
      access: 'user',
      tag: 'models',
    },
    scopes: ['model-serving'],
    dialect: 'openai-chat',
    handle: (request, context) => {
      const config = usableConfig(context, request);
      return { status: 200, body: openaiModel(listedModel(config, openaiApis, request.params['model'] ?? '')) };
    },
  },
]);

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

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
