import type { DialectId, Operation } from '../dialects/dialect.ts';

/** One inference path under `/ai-gateway`: which dialect it speaks and what it wants. */
export interface InferencePath {
  /** Path below `/ai-gateway/`, without query. `{model}` stands for the Gemini model segment. */
  readonly path: string;
  readonly dialect: DialectId;
  readonly operation: Operation;
  /** The vendor's `api_type` (unity-ai-gateway 2.1). */
  readonly apiType: string;
  /** Whether the path itself asks for a stream (Gemini). */
  readonly stream?: boolean;
}

/** Every inference path, vendor paths of unity-ai-gateway 2.1 and workspace-contract 13. */
export const inferencePaths: readonly InferencePath[] = [
  { path: 'codex/v1/responses', dialect: 'openai-responses', operation: 'generate', apiType: 'codex/v1/responses' },
  {
    path: 'cursor/v1/chat/completions',
    dialect: 'openai-chat',
    operation: 'generate',
    apiType: 'cursor/v1/chat/completions',
  },
  { path: 'openai/v1/responses', dialect: 'openai-responses', operation: 'generate', apiType: 'openai/v1/responses' },
  {
    path: 'openai/v1/chat/completions',
    dialect: 'openai-chat',
    operation: 'generate',
    apiType: 'openai/v1/chat/completions',
  },
  { path: 'openai/v1/embeddings', dialect: 'openai-chat', operation: 'embeddings', apiType: 'openai/v1/embeddings' },
  { path: 'mlflow/v1/responses', dialect: 'openai-responses', operation: 'generate', apiType: 'mlflow/v1/responses' },
  {
    path: 'mlflow/v1/chat/completions',
    dialect: 'openai-chat',
    operation: 'generate',
    apiType: 'mlflow/v1/chat/completions',
  },
  { path: 'mlflow/v1/embeddings', dialect: 'openai-chat', operation: 'embeddings', apiType: 'mlflow/v1/embeddings' },
  {
    path: 'anthropic/v1/messages',
    dialect: 'anthropic-messages',
    operation: 'generate',
    apiType: 'anthropic/v1/messages',
  },
  {
    path: 'anthropic/v1/messages/count_tokens',
    dialect: 'anthropic-messages',
    operation: 'count-tokens',
    apiType: 'anthropic/v1/messages/count_tokens',
  },
  // OpenCode leaves out `models/` for a model name with a slash (agents 1.12).
  ...geminiPaths('gemini/v1beta/models/{model}'),
  ...geminiPaths('gemini/v1beta/{model}'),
];

function geminiPaths(prefix: string): InferencePath[] {
  return [
    {
      path: `${prefix}:generateContent`,
      dialect: 'gemini',
      operation: 'generate',
      apiType: 'gemini/v1/generateContent',
    },
    {
      path: `${prefix}:streamGenerateContent`,
      dialect: 'gemini',
      operation: 'generate',
      apiType: 'gemini/v1/generateContent',
      stream: true,
    },
    { path: `${prefix}:countTokens`, dialect: 'gemini', operation: 'count-tokens', apiType: 'gemini/v1/countTokens' },
  ];
}
