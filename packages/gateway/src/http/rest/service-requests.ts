import { z } from 'zod';
import type { GatewayConfig } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { inParentSchema } from '../../governance/resolve-service.ts';
import type { ServiceKind } from '../../state/service-repository.ts';
import { parseMask } from '../../unity/services/update-mask.ts';
import type { NewService, ServiceChange } from '../../unity/services/service-registry.ts';
import { optionalText, pageQuery } from '../openapi/parameters.ts';
import type { RestContext, RestRequest } from '../rest-route.ts';
import { byKey, paginate, type Page } from './pagination.ts';
import { isSystemService, notFound, schemaOf } from './resource-names.ts';
import { bodyOf, callerOf, neededParameter } from './unity-requests.ts';

/** The resource in a body; its `config` is checked by the catalog. Fields of answers have no effect. */
export const serviceBody = z.looseObject({
  owner: z.string('must be the name of a user or group').min(1, 'must not be empty').max(255).nullish(),
  comment: z.string('must be a text').max(65_536, 'must have 65536 characters at most').nullish(),
  config: z.record(z.string(), z.unknown(), 'must be an object').nullish(),
});

/** Query parameters by operation, for their descriptions. */
export const serviceQueries = {
  list: { parent: optionalText, view: z.enum(['BASIC', 'FULL']).optional(), ...pageQuery },
  update: { update_mask: z.string(), etag: optionalText },
  remove: { etag: optionalText },
};

/** How much of a resource a list shows. */
export type View = 'BASIC' | 'FULL';

export function requestedView({ query }: RestRequest): View {
  const view = query.get('view') ?? '';
  if (view === '' || view === 'BASIC') return 'BASIC';
  if (view === 'FULL') return 'FULL';
  throw new GatewayError('caller_invalid_parameter', "The parameter 'view' must be BASIC or FULL.", { param: 'view' });
}

/** One page of the services that the caller may see, 100 at most, by name. */
export function visiblePage<T extends { readonly name: string }>(
  kind: ServiceKind,
  services: readonly T[],
  request: RestRequest,
  context: RestContext,
): Page<T> {
  const rights = context.catalog.serviceRights(callerOf(request));
  const visible = services.filter(({ name }) => rights.maySee(kind, name));
  const schema = parentFilter(request, context, visible);
  const found = visible
    .filter(({ name }) => schema === undefined || schemaOf(name).toLowerCase() === schema)
    .toSorted(byKey((service) => service.name));
  return paginate(found, (service) => service.name, request.query, {
    scope: `${kind} ${schema ?? '*'}`,
    defaultSize: 100,
    maxSize: 100,
  });
}

/** The service of this name, where the caller may see it. @throws GatewayError `caller_not_found` */
export function visibleService<T extends { readonly name: string }>(
  kind: ServiceKind,
  services: readonly T[],
  name: string | undefined,
  request: RestRequest,
  context: RestContext,
): T {
  const wanted = (name ?? '').toLowerCase();
  const service = services.find((entry) => entry.name.toLowerCase() === wanted);
  const rights = context.catalog.serviceRights(callerOf(request));
  if (service && rights.maySee(kind, service.name)) return service;
  throw notFound(kind === 'MODEL_SERVICE' ? 'Model service' : 'Model provider service', name ?? '');
}

/** What a POST makes: `parent=schemas/{c}.{s}&{idParameter}={leaf}`, the body is the bare resource. */
export function newService(request: RestRequest, idParameter: string): NewService {
  const { owner, comment, config } = bodyOf(serviceBody, request);
  const parent = neededParameter(request, 'parent');
  const [catalog = '', schema = ''] = parseParent(parent).split('.');
  return {
    catalog,
    schema,
    name: neededParameter(request, idParameter),
    owner: owner ?? undefined,
    comment: comment ?? undefined,
    config: config ?? {},
  };
}

/** What a PATCH changes: `update_mask`, and `etag` for the version that is meant. */
export function serviceChange(kind: ServiceKind, request: RestRequest): ServiceChange {
  const paths = parseMask(kind, request.query.get('update_mask') ?? '');
  return { paths, body: bodyOf(serviceBody, request), etag: etagOf(request) };
}

export function etagOf({ query }: RestRequest): string | undefined {
  return query.get('etag') || undefined;
}

/** The configuration with only those model services that the caller may execute, of the schema that it asks for in a header. */
export function usableConfig(context: RestContext, { principal, headers }: RestRequest): GatewayConfig {
  const config = context.config();
  if (!principal) return { ...config, modelServices: [] };
  const rights = context.catalog.serviceRights(principal);
  const isWanted = inParentSchema(headers['databricks-model-service-parent-schema']);
  return {
    ...config,
    modelServices: config.modelServices.filter(
      ({ name }) => isWanted(name) && rights.mayExecute('MODEL_SERVICE', name),
    ),
  };
}

/**
 * The schema that `?parent=schemas/{catalog}.{schema}` filters by; `undefined` for all of them. Clients take the 404 of
 * a schema that the caller does not see for a definitive no.
 */
function parentFilter(
  request: RestRequest,
  { catalog }: RestContext,
  visible: readonly { readonly name: string }[],
): string | undefined {
  const parent = request.query.get('parent') ?? '';
  if (parent === '') return undefined;
  const schema = parseParent(parent).toLowerCase();
  const isKnown = isSystemService(`${schema}.x`) || visible.some(({ name }) => schemaOf(name).toLowerCase() === schema);
  if (isKnown) return schema;
  try {
    catalog.schemaInfo(schema.split('.'), callerOf(request));
    return schema;
  } catch (error) {
    if (error instanceof GatewayError && error.status === 404) throw notFound('Schema', schema);
    throw error;
  }
}

function parseParent(parent: string): string {
  const schema = /^schemas\/([^./\s]+\.[^./\s]+)$/.exec(parent)?.[1];
  if (schema !== undefined) return schema;
  throw new GatewayError(
    'caller_invalid_parameter',
    "The parameter 'parent' must have the form schemas/{catalog}.{schema}.",
    { param: 'parent' },
  );
}
