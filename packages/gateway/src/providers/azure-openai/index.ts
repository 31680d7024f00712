import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { openAiPath } from '../shared-dialect-paths.ts';
import { baseUrlOption, credentialOption } from '../shared-options.ts';
import { callUrl } from '../shared-url.ts';

const options = z.strictObject({
  /** The resource's address, e.g. `https://my-resource.openai.azure.com`. */
  base_url: baseUrlOption,
  api_key: credentialOption,
});

export type AzureOpenAiOptions = z.output<typeof options>;

/**
 * Azure OpenAI, its v1 API (no `api-version` needed; a caller's is kept). The target model is the name of
 * the deployment. Reference: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export const azureOpenAi: Provider<AzureOpenAiOptions> = {
  id: 'azure-openai',
  providerType: 'EXTERNAL_MODEL_PROVIDER_TYPE_AZURE_OPENAI',
  block: 'azure_openai',
  dialects: { 'openai-responses': ['generate'], 'openai-chat': ['generate', 'embeddings'] },
  options,
  target: (call, { base_url, api_key }) => ({
    url: callUrl(base_url, `/openai/v1${openAiPath(call)}`, call.query),
    headers: { 'api-key': api_key },
  }),
};
