import { z } from 'zod';
import type { Destination, GatewayConfig, ModelService } from '../../config/gateway-config.ts';
import { writeRateLimits } from '../../config/rate-limit-schema.ts';
import { neededText } from '../openapi/parameters.ts';
import type { RestContext, RestRequest, RestRoute } from '../rest-route.ts';
import { envelope } from './envelope.ts';
import { modelMetadata } from './model-metadata.ts';
import { nativeApiTypes } from './native-api-types.ts';
import {
  etagOf,
  newService,
  requestedView,
  serviceBody,
  serviceChange,
  serviceQueries,
  visiblePage,
  visibleService,
  type View,
} from './service-requests.ts';
import { callerOf } from './unity-requests.ts';

const KIND = 'MODEL_SERVICE';
const collection = '/api/2.1/unity-catalog/model-services';
const tag = 'modelServices';
const scopes = ['unity-catalog'];

/** `model-services`: what callers name in `model` (unity-ai-gateway 12.1, workspace-contract 5.2). */
export const modelServiceRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: collection,
    describe: {
      id: 'listModelServices',
      summary: 'Lists the model services that the caller may see.',
      access: 'user',
      tag,
      query: serviceQueries.list,
    },
    scopes,
    handle(request, context) {
      const view = requestedView(request);
      const page = visiblePage(KIND, context.config().modelServices, request, context);
      const body = {
        model_services: page.items.map((service) => modelServiceJson(context, service, view)),
        next_page_token: page.nextPageToken,
      };
      return { status: 200, body };
    },
  },
  {
    method: 'POST',
    path: collection,
    describe: {
      id: 'createModelService',
      summary: 'Makes a model service in a schema.',
      access: 'user',
      tag,
      query: { parent: neededText, model_service_id: neededText },
      body: serviceBody,
    },
    scopes,
    async handle(request, context) {
      const service = newService(request, 'model_service_id');
      await context.catalog.services.create(KIND, service, callerOf(request));
      const body = json(`${service.catalog}.${service.schema}.${service.name}`, request, context);
      request.noteChange({ target: body.name, after: body });
      return { status: 200, body };
    },
  },
  {
    method: 'GET',
    path: `${collection}/{name}`,
    describe: { id: 'getModelService', summary: 'Shows a model service.', access: 'user', tag },
    scopes,
    handle: (request, context) => ({ status: 200, body: json(request.params['name'], request, context) }),
  },
  {
    method: 'PATCH',
    path: `${collection}/{name}`,
    describe: {
      id: 'updateModelService',
      summary: 'Changes what `update_mask` names.',
      access: 'user',
      tag,
      query: serviceQueries.update,
      body: serviceBody,
    },
    scopes,
    async handle(request, context) {
      const before = json(request.params['name'], request, context);
      const change = serviceChange(KIND, request);
      await context.catalog.services.update(KIND, bareName(before), change, callerOf(request));
      const body = json(bareName(before), request, context);
      request.noteChange({ target: before.name, before, after: body });
      return { status: 200, body };
    },
  },
  {
    method: 'DELETE',
    path: `${collection}/{name}`,
    describe: {
      id: 'deleteModelService',
      summary: 'Deletes a model service.',
      access: 'user',
      tag,
      query: serviceQueries.remove,
      answer: z.strictObject({}),
    },
    scopes,
    async handle(request, context) {
      // One that cannot be read any more is shown nowhere, and can be deleted all the same.
      const before = isShown(request, context) ? json(request.params['name'], request, context) : undefined;
      const name = request.params['name'] ?? '';
      await context.catalog.services.remove(KIND, name, callerOf(request), etagOf(request));
      request.noteChange({ target: `model-services/${name.toLowerCase()}`, before });
      return { status: 200, body: {} };
    },
  },
];

function json(name: string | undefined, request: RestRequest, context: RestContext) {
  const service = visibleService(KIND, context.config().modelServices, name, request, context);
  return modelServiceJson(context, service, 'FULL');
}

function isShown({ params }: RestRequest, context: RestContext): boolean {
  const wanted = (params['name'] ?? '').toLowerCase();
  return context.config().modelServices.some(({ name }) => name.toLowerCase() === wanted);
}

function bareName({ name }: { readonly name: string }): string {
  return name.slice('model-services/'.length);
}

function modelServiceJson(context: RestContext, service: ModelService, view: View) {
  const config = context.config();
  const basic = { supported_api_types: nativeApiTypes(config, service) };
  const table = inferenceTableJson(context, service);
  const rateLimits = service.rateLimits ?? [];
  const full = {
    ...basic,
    config: {
      routing: routingJson(config, service),
      ...(rateLimits.length === 0 ? {} : { rate_limits: writeRateLimits(rateLimits) }),
      ...(table ? { inference_table: table } : {}),
    },
  };
  const model = modelMetadata(service);
  const shown = model === undefined ? full : { ...full, model };
  return envelope(`model-services/${service.name}`, service, full, view === 'FULL' ? shown : basic);
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
  const types = destination.nativeApiTypes ?? target?.nativeApiTypes ?? [];
  return {
    name: destination.name,
    destination_type: 'DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL',
    external_model_config: {
      model_provider_service: `model-provider-services/${destination.providerService}`,
      target: { model: destination.model, native_api_types: types },
    },
    ...(destination.isDeleted ? { is_deleted: true } : {}),
  };
}
