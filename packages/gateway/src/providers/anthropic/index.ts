import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { ANTHROPIC_VERSION, anthropicPath } from '../shared-dialect-paths.ts';
import { baseUrlOption, credentialOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';

const options = z.strictObject({
  api_key: credentialOption,
  /** With or without `/v1`. */
  base_url: baseUrlOption.default('https://api.anthropic.com'),
});

export type AnthropicOptions = z.output<typeof options>;

/** Anthropic itself. Reference: https://platform.claude.com/docs/en/api/overview */
export const anthropic: Provider<AnthropicOptions> = {
  id: 'anthropic',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_ANTHROPIC',
  block: 'anthropic',
  dialects: { 'anthropic-messages': ['generate', 'count-tokens'] },
  options,
  target: (call, { api_key, base_url }) => ({
    url: callUrl(base_url, anthropicPath(call), call.query),
    headers: { 'x-api-key': api_key, 'anthropic-version': ANTHROPIC_VERSION },
  }),
  environmentKey: 'ANTHROPIC_API_KEY',
  fromEnvironment: (value, env) =>
    options.parse({ api_key: value, ...(env.ANTHROPIC_BASE_URL ? { base_url: env.ANTHROPIC_BASE_URL } : {}) }),
  defaultModels: [
    { service: 'claude-opus-4-8', model: 'claude-opus-4-8' },
    { service: 'claude-sonnet-5', model: 'claude-sonnet-5' },
    { service: 'claude-haiku-4-5', model: 'claude-haiku-4-5' },
  ],
};
