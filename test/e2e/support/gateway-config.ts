/** Key of the option block under which a provider's address and key stand in the configuration. */
export type ProviderBlock = 'custom' | 'anthropic_compatible' | 'gemini' | 'demo';

export interface ProviderEntry {
  /** Leaf name; the full name is `main.test.<name>`. */
  readonly name: string;
  readonly block: ProviderBlock;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface DestinationEntry {
  readonly provider: string;
  readonly model: string;
  readonly percentage?: number;
}

export interface ServiceEntry {
  /** Leaf name; callers name `main.test.<name>`. */
  readonly name: string;
  readonly destinations: readonly DestinationEntry[];
  readonly fallbacks?: readonly DestinationEntry[];
  /** A duration, e.g. `200ms`. */
  readonly firstTokenTimeout?: string;
}

export interface ConfigEntry {
  readonly server?: Readonly<Record<string, unknown>>;
  readonly users?: readonly Readonly<Record<string, unknown>>[];
  readonly providers?: readonly ProviderEntry[];
  readonly services?: readonly ServiceEntry[];
}

/** The text of a `gateway.yaml` (JSON is YAML). Loopback providers are allowed. */
export function gatewayYaml(entry: ConfigEntry): string {
  return JSON.stringify(
    {
      server: { allowed_private_networks: ['127.0.0.0/8'], ...entry.server },
      ...(entry.users ? { users: entry.users } : {}),
      model_provider_services: (entry.providers ?? []).map((provider) => ({
        name: `main.test.${provider.name}`,
        config: { [provider.block]: { direct: provider.options ?? {} }, allow_all_targets: true },
      })),
      model_services: (entry.services ?? []).map((service) => ({
        name: `main.test.${service.name}`,
        config: {
          routing: {
            destinations: service.destinations.map((destination) => destinationOf(destination, 100)),
            ...(service.fallbacks
              ? { fallback: { destinations: service.fallbacks.map((fallback) => destinationOf(fallback)) } }
              : {}),
            ...(service.firstTokenTimeout ? { first_token_timeout: service.firstTokenTimeout } : {}),
          },
        },
      })),
    },
    null,
    2,
  );
}

function destinationOf(destination: DestinationEntry, percentage?: number): unknown {
  const share = destination.percentage ?? percentage;
  return {
    name: destination.provider,
    destination_type: 'DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL',
    ...(share === undefined ? {} : { traffic_percentage: share }),
    external_model_config: {
      model_provider_service: `model-provider-services/main.test.${destination.provider}`,
      target: { model: destination.model },
    },
  };
}
