import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { bearer, openAiPath } from '../shared-dialect-paths.ts';
import { baseUrlOption, credentialOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';

const options = z.strictObject({
  api_key: credentialOption,
  /** With its version segment, as OpenAI's own clients take it. */
  base_url: baseUrlOption.default('https://api.openai.com/v1'),
  organization: credentialOption.optional(),
});

export type OpenAiOptions = z.output<typeof options>;

/** OpenAI itself. Reference: https://platform.openai.com/docs/api-reference */
export const openai: Provider<OpenAiOptions> = {
  id: 'openai',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_OPENAI',
  block: 'openai',
  dialects: { 'openai-responses': ['generate'], 'openai-chat': ['generate', 'embeddings'] },
  options,
  target: (call, { api_key, base_url, organization }) => ({
    url: callUrl(base_url, openAiPath(call), call.query),
    headers: {
      ...bearer(api_key),
      ...(organization === undefined ? {} : { 'openai-organization': organization }),
    },
  }),
  environmentKey: 'OPENAI_API_KEY',
  fromEnvironment: (value, env) =>
    options.parse({ api_key: value, ...(env.OPENAI_BASE_URL ? { base_url: env.OPENAI_BASE_URL } : {}) }),
  defaultModels: [
    { service: 'gpt-5-5', model: 'gpt-5.5' },
    { service: 'gpt-5-6-sol', model: 'gpt-5.6-sol' },
    { service: 'gpt-5-6-luna', model: 'gpt-5.6-luna' },
  ],
};
