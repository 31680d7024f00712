import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { bearer, openAiPath, UnsupportedCallError } from '../shared-dialect-paths.ts';
import { baseUrlOption, credentialOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';

const options = z.strictObject({
  /** With its version segment, as the server's own documentation gives it: `http://host:8000/v1`. */
  base_url: baseUrlOption,
  /** Sent as a bearer token. Local servers need none. */
  api_key: credentialOption.optional(),
  /** Whether the server has `/responses` too. */
  responses: z.boolean().default(false),
});

export type OpenAiCompatibleOptions = z.output<typeof options>;

/** Any server that speaks OpenAI's chat API: vLLM, Ollama, LM Studio, llama.cpp, OpenRouter and others. */
export const openaiCompatible: Provider<OpenAiCompatibleOptions> = {
  id: 'openai-compatible',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_CUSTOM',
  block: 'custom',
  dialects: { 'openai-chat': ['generate', 'embeddings'], 'openai-responses': ['generate'] },
  dialectsOf: ({ responses }) => ({
    'openai-chat': ['generate', 'embeddings'],
    ...(responses ? { 'openai-responses': ['generate'] as const } : {}),
  }),
  options,
  target: (call, { base_url, api_key, responses }) => {
    if (call.dialect === 'openai-responses' && !responses) throw new UnsupportedCallError(call);
    return { url: callUrl(base_url, openAiPath(call), call.query), headers: bearer(api_key) };
  },
};
