import type { DialectId, Operation as InferenceKind } from '../../dialects/dialect.ts';
import { inferencePaths, type InferencePath } from '../../inference/inference-path.ts';
import type { Operation, Parameter, PlacedOperation } from './document-types.ts';
import { errorAnswers, type ErrorShape } from './error-shapes.ts';
import { pathParameters } from './route-operation.ts';
import { tokenSecurity } from './security.ts';

const vendors: Readonly<Record<DialectId, { readonly shape: ErrorShape; readonly api: string }>> = {
  'openai-chat': { shape: 'openai', api: "OpenAI's Chat Completions API" },
  'openai-responses': { shape: 'openai', api: "OpenAI's Responses API" },
  'anthropic-messages': { shape: 'anthropic', api: "Anthropic's Messages API" },
  gemini: { shape: 'gemini', api: "Google's Gemini API" },
};

const kinds: Readonly<Record<InferenceKind, string>> = {
  generate: 'Calls a model',
  'count-tokens': 'Counts the tokens of a call',
  embeddings: 'Computes embeddings',
};

const headers: readonly Parameter[] = [
  {
    name: 'Databricks-Model-Provider-Service',
    in: 'header',
    required: false,
    description: 'Provider service to go to, instead of a model service.',
    schema: { type: 'string' },
  },
  {
    name: 'Databricks-Ai-Gateway-Request-Tags',
    in: 'header',
    required: false,
    description: 'Tags of the request, a JSON object of texts.',
    schema: { type: 'string' },
  },
];

/** The paths that call models. Bodies and answers are those of the vendor whose API it is. */
export const inferenceOperations: readonly PlacedOperation[] = inferencePaths.map((path) => ({
  method: 'post',
  path: `/ai-gateway/${path.path}`,
  operation: operationOf(path),
}));

function operationOf({ path, dialect, operation, stream }: InferencePath): Operation {
  const { shape, api } = vendors[dialect];
  const answer = { schema: { type: 'object' } };
  const events = { schema: { type: 'string' } };
  const streams = operation === 'generate' && (dialect !== 'gemini' || stream === true);
  return {
    operationId: path.replaceAll(/[^a-z0-9]+(\w)/gi, (_, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, ''),
    summary: `${kinds[operation]} in ${api}${stream ? ', as a stream' : ''}.`,
    tags: ['inference'],
    parameters: [...pathParameters(path), ...headers],
    requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
    responses: {
      200: {
        description: "The model's answer, as the vendor's API has it.",
        content: { 'application/json': answer, ...(streams ? { 'text/event-stream': events } : {}) },
      },
      ...errorAnswers(shape, [400, 401, 403, 404, 429]),
    },
    security: [
      ...tokenSecurity(['model-serving']),
      ...(dialect === 'anthropic-messages' ? [{ anthropicKey: [] }] : []),
      ...(dialect === 'gemini' ? [{ googleKey: [] }] : []),
    ],
  };
}
