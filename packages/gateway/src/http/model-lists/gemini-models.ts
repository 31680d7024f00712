import type { GatewayConfig } from '../../config/gateway-config.ts';
import { speaksNatively } from '../rest/native-api-types.ts';
import { paginate } from '../rest/pagination.ts';
import type { RestRoute } from '../rest-route.ts';
import { listedModel, listedModels, type ListedModel, type NativeApi } from './listed-models.ts';

const apis: readonly NativeApi[] = [['gemini', 'generate']];

/** Google's models API: resource names `models/{full name}`, as the inference paths take them. */
export const geminiModelRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/ai-gateway/gemini/v1beta/models',
    dialect: 'gemini',
    handle({ query }, context) {
      const config = context.config();
      const page = paginate(listedModels(config, apis), (model) => model.service.name, query, {
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
    dialect: 'gemini',
    handle({ params }, context) {
      const config = context.config();
      return { status: 200, body: geminiModel(config, listedModel(config, apis, params['model'] ?? '')) };
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
