import { z } from 'zod';
import type { ModelProviderService } from '../../config/gateway-config.ts';
import { writeRateLimits } from '../../config/rate-limit-schema.ts';
import { asRecord } from '../../lib/json-value.ts';
import { modeOf, providerById } from '../../providers/index.ts';
import { secretOptions } from '../../providers/secret-options.ts';
import type { CheckProvider } from '../../unity/services/service-row.ts';
import { neededText } from '../openapi/parameters.ts';
import type { RestContext, RestRequest, RestRoute } from '../rest-route.ts';
import { envelope } from './envelope.ts';
import { checkProviderAddress } from './provider-address.ts';
import {
  etagOf,
  newService,
  requestedView,
  serviceBody,
  serviceChange,
  serviceQueries,
  visiblePage,
  visibleService,
} from './service-requests.ts';
import { callerOf } from './unity-requests.ts';

const KIND = 'MODEL_PROVIDER_SERVICE';
const collection = '/api/2.1/unity-catalog/model-provider-services';
const tag = 'modelProviderServices';
const scopes = ['unity-catalog'];

/** `model-provider-services`: providers as they are registered (unity-ai-gateway 12.1, workspace-contract 6). */
export const modelProviderServiceRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: collection,
    describe: {
      id: 'listModelProviderServices',
      summary: 'Lists the model provider services that the caller may see.',
      access: 'user',
      tag,
      query: serviceQueries.list,
    },
    scopes,
    handle(request, context) {
      requestedView(request);
      const page = visiblePage(KIND, context.config().providerServices, request, context);
      const body = {
        model_provider_services: page.items.map((service) => providerServiceJson(service, request, context)),
        next_page_token: page.nextPageToken,
      };
      return { status: 200, body };
    },
  },
  {
    method: 'POST',
    path: collection,
    describe: {
      id: 'createModelProviderService',
      summary: 'Makes a model provider service in a schema; its credential is sealed and never shown again.',
      access: 'user',
      tag,
      query: { parent: neededText, model_provider_service_id: neededText },
      body: serviceBody,
    },
    scopes,
    async handle(request, context) {
      const service = newService(request, 'model_provider_service_id');
      await context.catalog.services.create(KIND, service, callerOf(request), addressCheck(context));
      const body = json(`${service.catalog}.${service.schema}.${service.name}`, request, context);
      request.noteChange({ target: body.name, after: body });
      return { status: 200, body };
    },
  },
  {
    method: 'GET',
    path: `${collection}/{name}`,
    describe: { id: 'getModelProviderService', summary: 'Shows a model provider service.', access: 'user', tag },
    scopes,
    handle: (request, context) => ({ status: 200, body: json(request.params['name'], request, context) }),
  },
  {
    method: 'PATCH',
    path: `${collection}/{name}`,
    describe: {
      id: 'updateModelProviderService',
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
      await context.catalog.services.update(KIND, bareName(before), change, callerOf(request), addressCheck(context));
      const body = json(bareName(before), request, context);
      request.noteChange({ target: before.name, before, after: body });
      return { status: 200, body };
    },
  },
  {
    method: 'DELETE',
    path: `${collection}/{name}`,
    describe: {
      id: 'deleteModelProviderService',
      summary: 'Deletes a model provider service. Destinations that used it are refused from then on.',
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
      request.noteChange({ target: `model-provider-services/${name.toLowerCase()}`, before });
      return { status: 200, body: {} };
    },
  },
];

function addressCheck(context: RestContext): CheckProvider {
  return (service) => checkProviderAddress(service, context.config().server.allowedPrivateNetworks);
}

function json(name: string | undefined, request: RestRequest, context: RestContext) {
  const service = visibleService(KIND, context.config().providerServices, name, request, context);
  return providerServiceJson(service, request, context);
}

function isShown({ params }: RestRequest, context: RestContext): boolean {
  const wanted = (params['name'] ?? '').toLowerCase();
  return context.config().providerServices.some(({ name }) => name.toLowerCase() === wanted);
}

function bareName({ name }: { readonly name: string }): string {
  return name.slice('model-provider-services/'.length);
}

/** The resource as lists and get show it; `config` is always there, because clients read it without asking for a view. */
function providerServiceJson(service: ModelProviderService, request: RestRequest, context: RestContext) {
  const provider = providerById(service.provider);
  const rateLimits = service.rateLimits ?? [];
  const mayManage = context.catalog.serviceRights(callerOf(request)).mayManage(KIND, service.name);
  const config = {
    provider_type: provider.providerType,
    [provider.block]: { [modeOf(provider)]: mayManage ? shownOptions(service) : {} },
    targets: service.targets.map((target) => ({ model: target.model, native_api_types: target.nativeApiTypes })),
    allow_all_targets: service.allowAllTargets,
    ...(rateLimits.length === 0 ? {} : { rate_limits: writeRateLimits(rateLimits) }),
  };
  return envelope(`model-provider-services/${service.name}`, service, { config }, { config });
}

/**
 * Options of a service that was made by API, for who may change it: of credentials only that they are there. Of one of
 * the configuration nothing is told but the presence of the block.
 */
function shownOptions({ origin, provider, options }: ModelProviderService): Record<string, unknown> {
  if (origin !== 'api') return {};
  const secrets = secretOptions(providerById(provider));
  return Object.fromEntries(
    Object.entries(asRecord(options) ?? {}).map(([key, value]) => [key, secrets.includes(key) ? {} : value]),
  );
}
