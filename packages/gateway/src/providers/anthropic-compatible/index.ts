import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { ANTHROPIC_VERSION, anthropicPath, bearer } from '../shared-dialect-paths.ts';
import { baseUrlOption, credentialOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';

const options = z.strictObject({
  /** With or without `/v1`. */
  base_url: baseUrlOption,
  api_key: credentialOption.optional(),
  /** The header that carries `api_key`. */
  auth: z.enum(['bearer', 'x-api-key']).default('x-api-key'),
});

export type AnthropicCompatibleOptions = z.output<typeof options>;

/** Any server that speaks Anthropic's Messages API. */
export const anthropicCompatible: Provider<AnthropicCompatibleOptions> = {
  id: 'anthropic-compatible',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_CUSTOM',
  block: 'anthropic_compatible',
  dialects: { 'anthropic-messages': ['generate', 'count-tokens'] },
  options,
  target: (call, { base_url, api_key, auth }) => ({
    url: callUrl(base_url, anthropicPath(call), call.query),
    headers: { 'anthropic-version': ANTHROPIC_VERSION, ...credential(auth, api_key) },
  }),
};

function credential(auth: 'bearer' | 'x-api-key', key: string | undefined): Readonly<Record<string, string>> {
  if (auth === 'bearer') return bearer(key);
  return key === undefined ? {} : { 'x-api-key': key };
}
