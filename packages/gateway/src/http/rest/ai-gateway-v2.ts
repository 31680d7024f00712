import type { ModelService } from '../../config/gateway-config.ts';
import type { RestRoute } from '../rest-route.ts';
import { pageQuery } from '../openapi/parameters.ts';
import { externalModelPrices } from './external-model-prices.ts';
import { byKey, paginate } from './pagination.ts';
import { endpointName, leafOf, notFound, isSystemService } from './resource-names.ts';
import { usableConfig } from './service-requests.ts';

const base = '/api/ai-gateway/v2';

/** The older gateway API that clients probe and read prices from (unity-ai-gateway 12.2, workspace-contract 5.1, 7.5). */
export const aiGatewayV2Routes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: `${base}/endpoints`,
    describe: {
      id: 'listEndpoints',
      summary: 'Lists the model services as endpoints.',
      access: 'user',
      tag: 'aiGateway',
      query: pageQuery,
    },
    handle(request, context) {
      const { query } = request;
      const key = (service: ModelService): string => endpointName(service.name);
      const services = usableConfig(context, request).modelServices.toSorted(byKey(key));
      const page = paginate(services, key, query, { scope: 'endpoints', defaultSize: 100, maxSize: 1000 });
      return { status: 200, body: { endpoints: page.items.map(endpointJson), next_page_token: page.nextPageToken } };
    },
  },
  {
    method: 'GET',
    path: `${base}/endpoints/{name}`,
    describe: { id: 'getEndpoint', summary: 'Shows a model service as an endpoint.', access: 'user', tag: 'aiGateway' },
    handle(request, context) {
      const name = request.params['name'] ?? '';
      const service = usableConfig(context, request).modelServices.find((entry) =>
        spellings(entry.name).includes(name),
      );
      if (!service) throw notFound('Endpoint', name);
      return { status: 200, body: endpointJson(service) };
    },
  },
  {
    method: 'GET',
    path: `${base}/external-provider-models`,
    describe: {
      id: 'listExternalProviderModels',
      summary: 'Lists the prices of models, in US dollars per million tokens.',
      access: 'user',
      tag: 'aiGateway',
      query: pageQuery,
    },
    handle(request, context) {
      const { query } = request;
      const models = externalModelPrices(usableConfig(context, request));
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
