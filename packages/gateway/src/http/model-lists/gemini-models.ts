import type { GatewayConfig } from '../../config/gateway-config.ts';
import { speaksNatively } from '../rest/native-api-types.ts';
import { paginate } from '../rest/pagination.ts';
import { usableConfig } from '../rest/service-requests.ts';
import type { RestRoute } from '../rest-route.ts';
import { optionalText, pageSizeText } from '../openapi/parameters.ts';
import { listedModel, listedModels, type ListedModel, type NativeApi } from './listed-models.ts';

const apis: readonly NativeApi[] = [['gemini', 'generate']];

/** Google's models API: resource names `models/{full name}`, as the inference paths take them. */
export const geminiModelRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/ai-gateway/gemini/v1beta/models',
    describe: {
      id: 'listGeminiModels',
      summary: "Lists the models that speak Google's API.",
      access: 'user',
      tag: 'models',
      query: { pageSize: pageSizeText, pageToken: optionalText },
    },
    scopes: ['model-serving'],
    dialect: 'gemini',
    handle(request, context) {
      const config = usableConfig(context, request);
      const page = paginate(listedModels(config, apis), (model) => model.service.name, request.query, {
        scope: 'gemini models',
        defaultSize: 50,
        maxSize: 1000,
        sizeParameter: 'pageSize',
        tokenParameter: 'pageToken',
      });
      const body = {
        models: page.items.map((model) => geminiModel(config, model)),
        ...(page.nextPageToken === '' ? {} : { nextPageToken: page.nextPageToken }),
      };
      return { status: 200, body };
    },
  },
  {
    method: 'GET',
    path: '/ai-gateway/gemini/v1beta/models/{model}',
    describe: {
      id: 'getGeminiModel',
      summary: "Shows a model that speaks Google's API.",
      access: 'user',
      tag: 'models',
    },
    scopes: ['model-serving'],
    dialect: 'gemini',
    handle(request, context) {
      const config = usableConfig(context, request);
      return { status: 200, body: geminiModel(config, listedModel(config, apis, request.params['model'] ?? '')) };
    },
  },
];

/** Google's model object; limits in tokens, absent where unknown. */
function geminiModel(config: GatewayConfig, { service, displayName, contextWindow, maxOutputTokens }: ListedModel) {
  return {
    name: `models/${service.name}`,
    displayName,
    ...(service.comment === undefined ? {} : { description: service.comment }),
    ...(contextWindow === undefined ? {} : { inputTokenLimit: contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { outputTokenLimit: maxOutputTokens }),
    supportedGenerationMethods: [
      'generateContent',
      'streamGenerateContent',
      ...(speaksNatively(config, service, 'gemini', 'count-tokens') ? ['countTokens'] : []),
    ],
  };
}
