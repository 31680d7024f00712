import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { geminiPath, geminiQuery } from '../shared-dialect-paths.ts';
import { baseUrlOption, credentialOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';

const options = z.strictObject({
  api_key: credentialOption,
  /** With or without `/v1beta`. */
  base_url: baseUrlOption.default('https://generativelanguage.googleapis.com'),
});

export type GeminiOptions = z.output<typeof options>;

/** The Gemini API with an API key. Reference: https://ai.google.dev/api/generate-content */
export const gemini: Provider<GeminiOptions> = {
  id: 'gemini',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_GEMINI_ENTERPRISE',
  block: 'gemini',
  dialects: { gemini: ['generate', 'count-tokens'] },
  options,
  target: (call, { api_key, base_url }) => ({
    url: callUrl(base_url, geminiPath(call), geminiQuery(call)),
    headers: { 'x-goog-api-key': api_key },
  }),
  environmentKey: 'GEMINI_API_KEY',
  fromEnvironment: (value, env) =>
    options.parse({
      api_key: value,
      ...(env.GOOGLE_GEMINI_BASE_URL ? { base_url: env.GOOGLE_GEMINI_BASE_URL } : {}),
    }),
  // Gemini CLI asks for some of these names whatever model the user chose.
  defaultModels: [
    { service: 'gemini-3-8-flash', model: 'gemini-3.8-flash' },
    { service: 'gemini-3-5-flash', model: 'gemini-3.5-flash' },
    { service: 'gemini-3-5-flash-lite', model: 'gemini-3.5-flash-lite' },
    { service: 'gemini-3-flash-preview', model: 'gemini-3-flash-preview' },
    { service: 'gemini-2-5-flash', model: 'gemini-2.5-flash' },
    { service: 'gemini-2-5-flash-lite', model: 'gemini-2.5-flash-lite' },
  ],
};
