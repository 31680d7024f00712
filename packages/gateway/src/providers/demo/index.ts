import { z } from 'zod';
import type { DialectId } from '../../dialects/dialect.ts';
import type { Provider, ProviderCall } from '../provider.ts';
import { anthropicPath, geminiPath, geminiQuery, openAiPath } from '../shared-dialect-paths.ts';
import { baseUrlOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';
import { demoModels } from './default-models.ts';
import { startDemoServer } from './server.ts';

const options = z.strictObject({
  /** Address of a running demo server. Left out, the gateway starts its own. */
  base_url: baseUrlOption.optional(),
});

export type DemoOptions = z.output<typeof options>;

const PATHS: Readonly<Record<DialectId, (call: ProviderCall) => string>> = {
  'openai-chat': (call) => `/v1${openAiPath(call)}`,
  'openai-responses': (call) => `/v1${openAiPath(call)}`,
  'anthropic-messages': anthropicPath,
  gemini: geminiPath,
};

/** A provider that needs no account and no network: try everything, and make it fail on demand. */
export const demo: Provider<DemoOptions> = {
  id: 'demo',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_CUSTOM',
  block: 'demo',
  dialects: {
    'openai-responses': ['generate'],
    'openai-chat': ['generate', 'embeddings'],
    'anthropic-messages': ['generate', 'count-tokens'],
    gemini: ['generate', 'count-tokens'],
  },
  options,
  target: (call, { base_url }) => {
    if (base_url === undefined) throw new Error('the demo server has not been started');
    const query = call.dialect === 'gemini' ? geminiQuery(call) : call.query;
    return { url: callUrl(base_url, PATHS[call.dialect](call), query), headers: {} };
  },
  defaultModels: demoModels,
  embeddedServer: () => startDemoServer({ maskCredentials: true }),
};
