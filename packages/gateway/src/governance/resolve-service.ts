import type { GatewayConfig, ModelProviderService, ModelService } from '../config/gateway-config.ts';
import { isAllowedTarget } from '../config/provider-services.ts';
import type { ServiceIndex } from '../config/service-index.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Caller } from '../unity/caller.ts';
import type { ServiceRights } from '../unity/catalog.ts';

/** What a request may be sent to: a model service, or a provider service directly. */
export type ResolvedService =
  | { readonly kind: 'model-service'; readonly service: ModelService }
  | { readonly kind: 'provider-service'; readonly service: ModelProviderService; readonly model: string };

/** A request that names what it wants. */
export interface ServiceRequest {
  readonly snapshot: { readonly config: GatewayConfig; readonly services: ServiceIndex };
  /** What a caller may do with services; a look-up in memory. */
  readonly rights: (caller: Caller) => ServiceRights;
  readonly principal: Caller;
  readonly model: string | undefined;
  /** `Databricks-Model-Provider-Service`: the provider service is called directly, `model` is its own id. */
  readonly providerHeader: string | string[] | undefined;
  /** `Databricks-Model-Service-Parent-Schema`: only services of this schema count. */
  readonly parentSchemaHeader?: string | string[] | undefined;
}

/**
 * Finds what the caller's `model` names, among what the caller may execute. A service without `EXECUTE` is answered as
 * one that does not exist (unity-ai-gateway 2.2, 2.3).
 * @throws GatewayError `caller_model_not_found`, `caller_not_found`, `caller_invalid_parameter`, `caller_invalid_state`
 */
export function resolveService(request: ServiceRequest): ResolvedService {
  const { model, snapshot, providerHeader } = request;
  if (model === undefined || model === '') {
    throw new GatewayError('caller_body_invalid', "The field 'model' is required.", { param: 'model' });
  }
  const rights = request.rights(request.principal);
  if (providerHeader !== undefined) return resolveProvider(snapshot.config, rights, model, providerHeader);
  const isWanted = inParentSchema(request.parentSchemaHeader);
  const service = snapshot.services.find(
    model,
    ({ name }) => isWanted(name) && rights.mayExecute('MODEL_SERVICE', name),
  );
  if (!service) {
    throw new GatewayError(
      'caller_model_not_found',
      `The model '${printable(model)}' does not exist, or you may not use it.`,
      { param: 'model' },
    );
  }
  const deleted = service.destinations.find((destination) => destination.isDeleted);
  if (deleted) {
    throw new GatewayError(
      'caller_invalid_state',
      `The destination '${printable(deleted.name)}' of '${service.name}' was deleted. Its owner has to give the service another one.`,
      { param: 'model' },
    );
  }
  return { kind: 'model-service', service };
}

/**
 * Whether a service is in the schema of the header `Databricks-Model-Service-Parent-Schema`; all are without it.
 * @throws GatewayError `caller_invalid_parameter`
 */
export function inParentSchema(header: string | string[] | undefined): (name: string) => boolean {
  if (header === undefined) return () => true;
  if (typeof header !== 'string' || !/^(?:schemas\/)?[^.\s/]+\.[^.\s/]+$/.test(header)) {
    throw new GatewayError(
      'caller_invalid_parameter',
      'Invalid name in the header Databricks-Model-Service-Parent-Schema: expected catalog.schema.',
    );
  }
  const prefix = `${header.replace(/^schemas\//, '').toLowerCase()}.`;
  return (name) => name.toLowerCase().startsWith(prefix);
}

function resolveProvider(
  config: GatewayConfig,
  rights: ServiceRights,
  model: string,
  header: string | string[],
): ResolvedService {
  if (typeof header !== 'string' || !/^[^.\s/]+\.[^.\s/]+\.[^.\s/]+$/.test(header)) {
    throw new GatewayError(
      'caller_invalid_parameter',
      'Invalid name in the header Databricks-Model-Provider-Service: expected catalog.schema.name.',
    );
  }
  const service = config.providerServices.find((entry) => entry.name === header);
  if (!service || !rights.mayExecute('MODEL_PROVIDER_SERVICE', service.name)) {
    throw new GatewayError('caller_not_found', `'${printable(header)}' does not exist.`);
  }
  if (!isAllowedTarget(service, model)) {
    throw new GatewayError(
      'caller_model_not_found',
      `The model '${printable(model)}' is not a target of '${header}'.`,
      { param: 'model' },
    );
  }
  return { kind: 'provider-service', service, model };
}

/** The text without control characters, cut to a length that fits an error message. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, '?');
  return clean.length > 120 ? `${clean.slice(0, 120)}…` : clean;
}
