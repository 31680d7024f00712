import { startGateway, type Gateway } from '../../support/gateway-process.ts';
import type { UsageRecord } from '../../../packages/gateway/src/usage/usage-record.ts';
import { gatewayYaml, type ConfigEntry } from './gateway-config.ts';
import { call, type CallOptions, type CallResult } from './http-call.ts';
import { openStream, type OpenStream } from './http-stream.ts';
import { startScriptedUpstream, type ScriptedUpstream } from './scripted-upstream.ts';
import { waitFor } from './wait-for.ts';

/** Credentials of the gateway at the scripted provider. */
export const providerKey = 'provider-key-of-the-test';

/** A gateway before one scripted provider that speaks every dialect. */
export interface ScriptedGateway {
  readonly gateway: Gateway;
  readonly upstream: ScriptedUpstream;
  /** Sends to the gateway with its token. */
  call(path: string, options?: CallOptions): Promise<CallResult>;
  open(path: string, options: CallOptions): Promise<OpenStream>;
  /** The usage records written since the last call of this function, once there are `count`. */
  newUsage(count?: number): Promise<UsageRecord[]>;
  stop(): Promise<void>;
}

/**
 * Starts the gateway with the model service `main.test.scripted`, which reaches the upstream in each
 * dialect as model `upstream-model`. `more` adds to the configuration.
 */
export async function startScriptedGateway(
  more: (upstream: ScriptedUpstream) => ConfigEntry = () => ({}),
): Promise<ScriptedGateway> {
  const upstream = await startScriptedUpstream();
  const extra = more(upstream);
  const config = gatewayYaml({
    ...extra,
    providers: [...scriptedProviders(upstream.url), ...(extra.providers ?? [])],
    services: [
      { name: 'scripted', destinations: [{ provider: 'openai', model: 'upstream-model' }] },
      { name: 'scripted-anthropic', destinations: [{ provider: 'anthropic', model: 'upstream-model' }] },
      { name: 'scripted-gemini', destinations: [{ provider: 'gemini', model: 'upstream-model' }] },
      ...(extra.services ?? []),
    ],
  });
  const gateway = await startGateway({ config }).catch(async (error: unknown) => {
    await upstream.close();
    throw error;
  });
  const seen = new Set<string>();
  return {
    gateway,
    upstream,
    call: (path, options = {}) => call(gateway.url + path, { token: gateway.token, ...options }),
    open: (path, options) => openStream(gateway.url + path, { token: gateway.token, ...options }),
    newUsage: async (count = 1) => {
      const fresh = await waitFor(`${count} new usage records`, async () => {
        const records = (await gateway.usage()).filter((record) => !seen.has(record.invocation_id));
        return records.length >= count && records;
      });
      for (const record of fresh) seen.add(record.invocation_id);
      return fresh;
    },
    stop: async () => {
      await gateway.stop();
      await upstream.close();
    },
  };
}

/** Provider services `openai`, `anthropic` and `gemini` at one address. */
export function scriptedProviders(url: string): NonNullable<ConfigEntry['providers']> {
  return [
    { name: 'openai', block: 'custom', options: { base_url: `${url}/v1`, api_key: providerKey, responses: true } },
    { name: 'anthropic', block: 'anthropic_compatible', options: { base_url: url, api_key: providerKey } },
    { name: 'gemini', block: 'gemini', options: { base_url: url, api_key: providerKey } },
  ];
}

/** The model service that reaches the scripted provider in this dialect. */
export function scriptedModel(block: string): string {
  if (block === 'anthropic_compatible') return 'main.test.scripted-anthropic';
  return block === 'gemini' ? 'main.test.scripted-gemini' : 'main.test.scripted';
}
