import type { Destination, GatewayConfig, ModelService } from '../../config/gateway-config.ts';
import type { DialectId, Operation } from '../../dialects/dialect.ts';
import { findModelFacts } from '../../models/index.ts';
import { providerById } from '../../providers/index.ts';
import { nativeOperations } from '../../providers/native-operations.ts';
import { inferencePaths } from '../../inference/inference-path.ts';

/**
 * Whether a destination of the service (a fallback included) speaks the dialect natively and has the
 * operation. The provider says what it speaks; a target's `native_api_types` and the model's facts
 * (an embedding model generates nothing) can only narrow it.
 */
export function speaksNatively(
  config: GatewayConfig,
  service: ModelService,
  dialect: DialectId,
  operation: Operation,
): boolean {
  return [...service.destinations, ...service.fallbacks].some((destination) =>
    destinationSpeaks(config, destination, dialect, operation),
  );
}

/** `supported_api_types` of a service: the vendor's names of the inference paths it answers natively. */
export function nativeApiTypes(config: GatewayConfig, service: ModelService): string[] {
  const paths = inferencePaths.filter((path) => speaksNatively(config, service, path.dialect, path.operation));
  return [...new Set(paths.map((path) => path.apiType))];
}

function destinationSpeaks(
  config: GatewayConfig,
  destination: Destination,
  dialect: DialectId,
  operation: Operation,
): boolean {
  const service = config.providerServices.find((entry) => entry.name === destination.providerService);
  if (!service) return false;
  const provider = providerById(service.provider);
  const operations = nativeOperations(provider, service.options, dialect);
  if (!operations.includes(operation)) return false;
  const declared =
    destination.nativeApiTypes ??
    service.targets.find((target) => target.model === destination.model)?.nativeApiTypes ??
    [];
  if (declared.length > 0 && !declaredDialects(declared).has(dialect)) return false;
  const facts = findModelFacts(destination.model);
  return !facts || facts.capabilities.includes('embeddings') === (operation === 'embeddings');
}

/** Dialects of a target's `native_api_types`. */
function declaredDialects(apiTypes: readonly string[]): Set<DialectId> {
  return new Set(inferencePaths.filter((path) => apiTypes.includes(path.apiType)).map((path) => path.dialect));
}
