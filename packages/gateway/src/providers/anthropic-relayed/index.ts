import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { ANTHROPIC_VERSION, anthropicPath } from '../shared-dialect-paths.ts';
import { baseUrlOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';

const options = z.strictObject({
  /** The callers' plan at Anthropic; of no effect here. */
  plan_type: z.enum(['ANTHROPIC_RELAYED_PLAN_TYPE_MAX', 'ANTHROPIC_RELAYED_PLAN_TYPE_TEAM_ENTERPRISE']).optional(),
  /** With or without `/v1`. */
  base_url: baseUrlOption.default('https://api.anthropic.com'),
});

export type AnthropicRelayedOptions = z.output<typeof options>;

/** Anthropic with each caller's own subscription: the gateway holds no credential (unity-ai-gateway 12.1). */
export const anthropicRelayed: Provider<AnthropicRelayedOptions> = {
  id: 'anthropic-relayed',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_ANTHROPIC',
  block: 'anthropic',
  mode: 'relayed',
  callerCredentials: ['authorization', 'x-api-key'],
  dialects: { 'anthropic-messages': ['generate', 'count-tokens'] },
  options,
  target: (call, { base_url }) => ({
    url: callUrl(base_url, anthropicPath(call), call.query),
    headers: { 'anthropic-version': ANTHROPIC_VERSION },
  }),
};
