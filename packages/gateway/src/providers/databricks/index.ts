import { z } from 'zod';
import type { DialectId } from '../../dialects/dialect.ts';
import type { Provider, ProviderCall } from '../provider.ts';
import {
  anthropicPath,
  bearer,
  geminiPath,
  geminiQuery,
  openAiPath,
  UnsupportedCallError,
} from '../shared-dialect-paths.ts';
import { baseUrlOption, credentialOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';

// A bare workspace host is what people copy; it is always https.
const hostOption = z
  .string()
  .transform((text) => (/^[\w.-]+$/.test(text.trim()) ? `https://${text.trim()}` : text))
  .pipe(baseUrlOption);

const options = z.strictObject({
  /** Workspace address, e.g. `https://my-workspace.cloud.databricks.com` (the scheme may be left out). */
  host: hostOption,
  /** Personal access token or OAuth access token. */
  token: credentialOption,
});

export type DatabricksOptions = z.output<typeof options>;

const PATHS: Readonly<Record<DialectId, (call: ProviderCall) => string>> = {
  'openai-chat': (call) => `/mlflow/v1${openAiPath(call)}`,
  'openai-responses': (call) => `/openai/v1${openAiPath(call)}`,
  'anthropic-messages': (call) => `/anthropic${anthropicPath(call)}`,
  gemini: (call) => `/gemini${geminiPath(call)}`,
};

/** A Databricks workspace's own AI gateway (its vendor paths), with a bearer token. */
export const databricks: Provider<DatabricksOptions> = {
  id: 'databricks',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_CUSTOM',
  block: 'databricks',
  // No token counting: the vendor's gateway answers those paths with 400.
  dialects: {
    'openai-responses': ['generate'],
    'openai-chat': ['generate', 'embeddings'],
    'anthropic-messages': ['generate'],
    gemini: ['generate'],
  },
  options,
  target: (call, { host, token }) => {
    if (call.operation === 'count-tokens') throw new UnsupportedCallError(call);
    const query = call.dialect === 'gemini' ? geminiQuery(call) : call.query;
    return { url: callUrl(host, `/ai-gateway${PATHS[call.dialect](call)}`, query), headers: bearer(token) };
  },
};
