import type { GatewayConfig, ModelProviderService, ModelService } from '../../config/gateway-config.ts';
import { declaredRecord, type ServiceGrant } from '../../config/service-record.ts';

/** A configuration with the provider service `main.conf.openai` and the model service `main.conf.fast`, for tests. */
export function serviceConfig(
  given: {
    readonly providerServices?: readonly ModelProviderService[];
    readonly modelServices?: readonly ModelService[];
  } = {},
): GatewayConfig {
  return {
    providerServices: [declaredProvider('main.conf.openai')],
    modelServices: [declaredModel('main.conf.fast', 'main.conf.openai')],
    ...given,
  } as unknown as GatewayConfig;
}

export function declaredProvider(name: string, grants?: readonly ServiceGrant[]): ModelProviderService {
  return {
    ...declaredRecord(grants),
    name,
    comment: undefined,
    provider: 'openai',
    options: { api_key: 'sk-declared', base_url: 'https://declared.example/v1' },
    targets: [],
    allowAllTargets: true,
  };
}

export function declaredModel(name: string, provider: string, grants?: readonly ServiceGrant[]): ModelService {
  return {
    ...declaredRecord(grants),
    name,
    comment: undefined,
    tags: {},
    destinations: [{ name: 'd', providerService: provider, model: 'gpt-5.5', trafficPercentage: 100 }],
    fallbacks: [],
    firstTokenTimeoutMs: undefined,
    inferenceTable: undefined,
  };
}

/** The `config` of a provider service as the REST API writes it. */
export function providerBody(apiKey = 'sk-canary', given: Readonly<Record<string, unknown>> = {}) {
  return { openai: { direct: { api_key: { plaintext: apiKey }, base_url: 'https://api.example/v1' } }, ...given };
}

/** The `config` of a model service with one destination. */
export function modelBody(provider: string, given: Readonly<Record<string, unknown>> = {}) {
  const target = { model: 'gpt-5.5' };
  const external = { model_provider_service: `model-provider-services/${provider}`, target };
  return { routing: { destinations: [{ name: 'd', external_model_config: external }] }, ...given };
}
