import type { ModelService } from '../../config/gateway-config.ts';
import type { RestRoute } from '../rest-route.ts';
import { externalModelPrices } from './external-model-prices.ts';
import { byKey, paginate } from './pagination.ts';
import { endpointName, leafOf, notFound, isSystemService } from './resource-names.ts';

const base = '/api/ai-gateway/v2';

/** The older gateway API that clients probe and read prices from (unity-ai-gateway 12.2, workspace-contract 5.1, 7.5). */
export const aiGatewayV2Routes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: `${base}/endpoints`,
    handle({ query }, context) {
      const key = (service: ModelService): string => endpointName(service.name);
      const services = context.config().modelServices.toSorted(byKey(key));
      const page = paginate(services, key, query, { scope: 'endpoints', defaultSize: 100, maxSize: 1000 });
      return { status: 200, body: { endpoints: page.items.map(endpointJson), next_page_token: page.nextPageToken } };
    },
  },
  {
    method: 'GET',
    path: `${base}/endpoints/{name}`,
    handle({ params }, context) {
      const name = params['name'] ?? '';
      const service = context.config().modelServices.find((entry) => spellings(entry.name).includes(name));
      if (!service) throw notFound('Endpoint', name);
      return { status: 200, body: endpointJson(service) };
    },
  },
  {
    method: 'GET',
    path: `${base}/external-provider-models`,
    handle({ query }, context) {
      const models = externalModelPrices(context.config());
      const page = paginate(models, (model) => model.model_name, query, {
        scope: 'external-provider-models',
        defaultSize: 1000,
        maxSize: 1000,
      });
      return { status: 200, body: { models: page.items, next_page_token: page.nextPageToken } };
    },
  },
];

function spellings(name: string): string[] {
  return isSystemService(name) ? [name, endpointName(name), leafOf(name)] : [name];
}

function endpointJson(service: ModelService) {
  return {
    name: endpointName(service.name),
    config: {
      destinations: service.destinations.map((destination) => ({
        name: destination.name,
        type: 'EXTERNAL_FOUNDATION_MODEL',
        traffic_percentage: destination.trafficPercentage,
      })),
      routing_strategy: 'REQUEST_BASED_TRAFFIC_SPLIT',
    },
  };
}
