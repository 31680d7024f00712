import type { GatewayConfig, ModelProviderService, ModelService } from '../config/gateway-config.ts';
import type { ServiceIndex } from '../config/service-index.ts';
import { GatewayError } from '../errors/gateway-error.ts';

/** What a request may be sent to: a model service, or a provider service directly. */
export type ResolvedService =
  | { readonly kind: 'model-service'; readonly service: ModelService }
  | { readonly kind: 'provider-service'; readonly service: ModelProviderService; readonly model: string };

/**
 * Finds what the caller's `model` names. With the header `Databricks-Model-Provider-Service` the
 * provider service is called directly and `model` is the provider's own id (unity-ai-gateway 2.2).
 * @throws GatewayError `caller_model_not_found`, `caller_not_found`, `caller_invalid_parameter`
 */
export function resolveService(
  config: GatewayConfig,
  index: ServiceIndex,
  model: string | undefined,
  providerHeader: string | string[] | undefined,
): ResolvedService {
  if (model === undefined || model === '') {
    throw new GatewayError('caller_body_invalid', "The field 'model' is required.", { param: 'model' });
  }
  if (providerHeader !== undefined) return resolveProvider(config, model, providerHeader);
  const service = index.find(model);
  if (!service) {
    throw new GatewayError(
      'caller_model_not_found',
      `The model '${printable(model)}' does not exist, or you may not use it.`,
      { param: 'model' },
    );
  }
  return { kind: 'model-service', service };
}

function resolveProvider(config: GatewayConfig, model: string, header: string | string[]): ResolvedService {
  if (typeof header !== 'string' || !/^[^.\s/]+\.[^.\s/]+\.[^.\s/]+$/.test(header)) {
    throw new GatewayError(
      'caller_invalid_parameter',
      'Invalid name in the header Databricks-Model-Provider-Service: expected catalog.schema.name.',
    );
  }
  const service = config.providerServices.find((entry) => entry.name === header);
  if (!service) throw new GatewayError('caller_not_found', `'${printable(header)}' does not exist.`);
  const allowed = service.allowAllTargets || service.targets.some((target) => target.model === model);
  if (!allowed) {
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
