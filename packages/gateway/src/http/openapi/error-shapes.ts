import { catalogue } from '../../errors/catalogue.ts';
import type { Answer, JsonSchema } from './document-types.ts';

/** In whose shape an API answers errors. */
export type ErrorShape = 'rest' | 'scim' | 'openai' | 'anthropic' | 'gemini' | 'oauth' | 'otlp' | 'thrift';

const text = { type: 'string' };

const schemas: Readonly<Record<Exclude<ErrorShape, 'thrift'>, JsonSchema>> = {
  rest: object(
    {
      error_code: { type: 'string', enum: [...new Set(Object.values(catalogue).map(({ vendorCode }) => vendorCode))] },
      message: text,
      details: { type: 'array', items: { type: 'object' } },
    },
    ['error_code', 'message'],
  ),
  scim: object({ schemas: { type: 'array', items: text }, status: text, scimType: text, detail: text }, [
    'schemas',
    'status',
  ]),
  openai: object(
    {
      error: object(
        { message: text, type: text, param: { type: ['string', 'null'] }, code: { type: ['string', 'null'] } },
        ['message'],
      ),
    },
    ['error'],
  ),
  anthropic: object(
    { type: { const: 'error' }, error: object({ type: text, message: text }, ['type', 'message']), request_id: text },
    ['type', 'error'],
  ),
  gemini: object(
    { error: object({ code: { type: 'integer' }, message: text, status: text }, ['code', 'message', 'status']) },
    ['error'],
  ),
  oauth: object({ error: text, error_description: text }, ['error']),
  otlp: object({ code: { type: 'integer' }, message: text }, ['message']),
};

const whose: Readonly<Record<ErrorShape, string>> = {
  rest: 'An error of the control plane.',
  scim: 'An error as RFC 7644, 3.12 has it.',
  openai: "An error in OpenAI's shape.",
  anthropic: "An error in Anthropic's shape.",
  gemini: "An error in Google's shape.",
  oauth: 'An error as RFC 6749, 5.2 has it.',
  otlp: 'A google.rpc.Status, in the encoding of the request.',
  thrift: 'An error; what went wrong stands in x-thriftserver-error-message.',
};

const shapes = Object.keys(whose) as ErrorShape[];

/** `components.schemas`: the bodies of errors. */
export const errorSchemas: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  Object.entries(schemas).map(([shape, schema]) => [`${shape}Error`, schema]),
);

/** `components.responses`: errors as answers. */
export const errorResponses: Readonly<Record<string, Answer>> = Object.fromEntries(
  shapes.map((shape) => [`${shape}Error`, { description: whose[shape], ...contentOf(shape) }]),
);

/** The answers of an operation that are errors. @param statuses those with a meaning of their own. */
export function errorAnswers(shape: ErrorShape, statuses: readonly number[]): Record<string, Answer> {
  const reference = { $ref: `#/components/responses/${shape}Error` };
  return Object.fromEntries([...statuses.map((status) => [String(status), reference]), ['default', reference]]);
}

function contentOf(shape: ErrorShape): { content?: Record<string, { schema: JsonSchema }> } {
  if (shape === 'thrift') return {};
  const schema = { $ref: `#/components/schemas/${shape}Error` };
  if (shape === 'scim') return { content: { 'application/scim+json': { schema } } };
  if (shape === 'otlp') {
    return { content: { 'application/json': { schema }, 'application/x-protobuf': { schema: {} } } };
  }
  return { content: { 'application/json': { schema } } };
}

function object(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): JsonSchema {
  return { type: 'object', properties, required };
}
