import type { ProviderDefaultModel } from '../provider.ts';

// Dashed names of the models the agents ask for out of the box, aliases Gemini CLI cannot be talked out of included.
const SERVICES = [
  'claude-opus-4-8',
  'claude-sonnet-5',
  'claude-haiku-4-5',
  'gpt-5-5',
  'gpt-5-6-sol',
  'gpt-5-6-luna',
  'gemini-3-5-flash',
  'gemini-3-8-flash',
  'gemini-3-flash-preview',
  'gemini-3-5-flash-lite',
  'gemini-2-5-flash',
  'glm-5-2',
  'kimi-k2-6',
] as const;

/** The demo's models: `system.ai.<service>` answered by `demo-<service>`. */
export const demoModels: readonly ProviderDefaultModel[] = SERVICES.map((service) => ({
  service,
  model: `demo-${service}`,
}));
