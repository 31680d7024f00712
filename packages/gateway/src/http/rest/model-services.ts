import type { Destination, GatewayConfig, ModelService } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { RestContext, RestRoute } from '../rest-route.ts';
import { envelope } from './envelope.ts';
import { nativeApiTypes } from './native-api-types.ts';
import { byKey, paginate } from './pagination.ts';
import { notFound, parentSchema, schemaOf } from './resource-names.ts';

const collection = '/api/2.1/unity-catalog/model-services';

/** `model-services`: what callers name in `model` (unity-ai-gateway 12.1, workspace-contract 5.2). */
export const modelServiceRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: collection,
    handle({ query }, context) {
      const config = context.config();
      const schema = parentSchema(query, config);
      const view = requestedView(query);
      const services = config.modelServices
        .filter((service) => schema === undefined || schemaOf(service.name) === schema)
        .toSorted(byKey((service) => service.name));
      const page = paginate(services, (service) => service.name, query, {
        scope: `model-services ${schema ?? '*'}`,
        defaultSize: 100,
        maxSize: 100,
      });
      const body = {
        model_services: page.items.map((service) => modelServiceJson(context, service, view)),
        next_page_token: page.nextPageToken,
      };
      return { status: 200, body };
    },
  },
  {
    method: 'GET',
    path: `${collection}/{name}`,
    handle({ params }, context) {
      const config = context.config();
      const service = config.modelServices.find((entry) => entry.name === params['name']);
      if (!service) throw notFound('Model service', params['name'] ?? '');
      return { status: 200, body: modelServiceJson(context, service, 'FULL') };
    },
  },
];

/** How much of a resource a list shows. */
type View = 'BASIC' | 'FULL';

function requestedView(query: URLSearchParams): View {
  const view = query.get('view') ?? '';
  if (view === '' || view === 'BASIC') return 'BASIC';
  if (view === 'FULL') return 'FULL';
  throw new GatewayError('caller_invalid_parameter', "The parameter 'view' must be BASIC or FULL.", { param: 'view' });
}

function modelServiceJson(context: RestContext, service: ModelService, view: View) {
  const config = context.config();
  const basic = { supported_api_types: nativeApiTypes(config, service) };
  const table = inferenceTableJson(context, service);
  const full = {
    ...basic,
    config: { routing: routingJson(config, service), ...(table ? { inference_table: table } : {}) },
  };
  return envelope(`model-services/${service.name}`, service.comment, full, view === 'FULL' ? full : basic);
}

/** unity-ai-gateway 4.3; `is_deleted` where the table was dropped, and nothing is kept any more (4.1). */
function inferenceTableJson({ catalog }: RestContext, { inferenceTable }: ModelService) {
  if (!inferenceTable) return undefined;
  const [parent, schema, name] = inferenceTable.table;
  return {
    parent: `schemas/${parent}.${schema}`,
    table_name_prefix: name.slice(0, -'_payload'.length),
    disabled: inferenceTable.disabled,
    table: `tables/${inferenceTable.table.join('.')}`,
    is_deleted: !inferenceTable.disabled && catalog.find(inferenceTable.table) === undefined,
  };
}

function routingJson(config: GatewayConfig, service: ModelService) {
  return {
    destinations: service.destinations.map((destination) => ({
      ...destinationJson(config, destination),
      traffic_percentage: destination.trafficPercentage,
    })),
    ...(service.fallbacks.length === 0
      ? {}
      : { fallback: { destinations: service.fallbacks.map((entry) => destinationJson(config, entry)) } }),
    ...(service.destinations.length > 1 ? { traffic_splitting: {} } : {}),
    ...(service.firstTokenTimeoutMs === undefined
      ? {}
      : { first_token_timeout: `${service.firstTokenTimeoutMs / 1000}s` }),
  };
}

function destinationJson(config: GatewayConfig, destination: Destination) {
  const provider = config.providerServices.find((entry) => entry.name === destination.providerService);
  const target = provider?.targets.find((entry) => entry.model === destination.model);
  return {
    name: destination.name,
    destination_type: 'DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL',
    external_model_config: {
      model_provider_service: `model-provider-services/${destination.providerService}`,
      target: { model: destination.model, native_api_types: target?.nativeApiTypes ?? [] },
    },
  };
}
