import type { Destination, ModelProviderService } from '../config/gateway-config.ts';
import type { DialectId, Operation } from '../dialects/dialect.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { ResolvedService } from '../governance/resolve-service.ts';
import { nativeOperations } from '../providers/native-operations.ts';
import type { Provider } from '../providers/provider.ts';

/** A provider service as it runs: its kind, its options with the embedded address filled in. */
export interface RunningProvider {
  readonly service: ModelProviderService;
  // oxlint-disable-next-line no-explicit-any
  readonly provider: Provider<any>;
  readonly options: unknown;
  /** Runs inside this process; exempt from the private-address rule. */
  readonly embedded: boolean;
}

/** One destination to try, in order. */
export interface PlannedDestination {
  readonly name: string;
  readonly model: string;
  readonly runningProvider: RunningProvider;
  readonly isFallback: boolean;
}

/**
 * The destinations of a request in the order they are tried: one primary, drawn by traffic
 * percentage, then the fallbacks in list order (unity-ai-gateway 1.2). Those that do not speak the
 * dialect natively are left out.
 * @param random a number in [0, 1).
 * @throws GatewayError `policy_dialect_unsupported` when none is left.
 */
export function planDestinations(
  resolved: ResolvedService,
  providers: ReadonlyMap<string, RunningProvider>,
  dialect: DialectId,
  operation: Operation,
  random: number,
): PlannedDestination[] {
  const speaks = (destination: Destination): boolean => {
    const running = providers.get(destination.providerService);
    return running !== undefined && nativeOperations(running.provider, running.options, dialect).includes(operation);
  };
  const planned = (destination: Destination, position: number): PlannedDestination => ({
    name: destination.name,
    model: destination.model,
    runningProvider: providers.get(destination.providerService)!,
    isFallback: position > 0,
  });
  if (resolved.kind === 'provider-service') {
    const destination = {
      name: resolved.service.name,
      providerService: resolved.service.name,
      model: resolved.model,
      trafficPercentage: 100,
    };
    if (!speaks(destination)) throw unsupported(resolved.service.name, dialect, operation);
    return [planned(destination, 0)];
  }
  const primaries = resolved.service.destinations.filter(speaks);
  const fallbacks = resolved.service.fallbacks.filter(speaks);
  const primary = draw(primaries, random);
  const ordered = primary ? [primary, ...fallbacks] : fallbacks;
  if (ordered.length === 0) throw unsupported(resolved.service.name, dialect, operation);
  return ordered.map(planned);
}

function draw(destinations: readonly Destination[], random: number): Destination | undefined {
  const total = destinations.reduce((sum, entry) => sum + entry.trafficPercentage, 0);
  let rest = random * total;
  for (const destination of destinations) {
    rest -= destination.trafficPercentage;
    if (rest < 0) return destination;
  }
  return destinations[0];
}

function unsupported(name: string, dialect: DialectId, operation: Operation): GatewayError {
  return new GatewayError(
    'policy_dialect_unsupported',
    `'${name}' has no destination that speaks ${dialect} (${operation}). Call it through an API its provider speaks, or choose another model.`,
  );
}
