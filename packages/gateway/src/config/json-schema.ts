import { z } from 'zod';
import { providers } from '../providers/index.ts';
import { configSchema } from './schema.ts';

/** The part of JSON Schema that ours uses. */
export interface JsonSchema {
  $schema?: string;
  title?: string;
  description?: string;
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  [keyword: string]: unknown;
}

/** What the provider options mean that have no description of their own. */
const OPTION_HELP: Readonly<Record<string, string>> = {
  api_key: 'API key. Write a reference such as `${env:PROVIDER_API_KEY}` or `${file:key.txt}`, not the key itself.',
  token: 'Access token. Write a reference such as `${env:DATABRICKS_TOKEN}`, not the token itself.',
  base_url: "Address of the provider's API.",
  host: 'Address of the workspace.',
  organization: 'Organization that requests are billed to.',
  responses: 'Whether it also speaks the Responses API.',
  auth: 'How the key is sent: in `x-api-key`, or as `Authorization: Bearer`.',
  plaintext: 'The secret, or a reference to it.',
};

/** JSON Schema (draft 2020-12) of gateway.yaml as people write it, with every provider's block in it. */
export function configJsonSchema(): JsonSchema {
  const schema = toJsonSchema(configSchema);
  const config = schema.properties?.['model_provider_services']?.items?.properties?.['config'];
  if (!config) throw new Error('the schema has no model_provider_services');
  config.properties = { ...Object.fromEntries(providers.map(blockSchema)), ...config.properties };
  config.additionalProperties = false;
  return {
    ...schema,
    title: 'ucode-gateway configuration',
    description: 'Configuration of ucode-gateway (gateway.yaml).',
  };
}

/** The schema of what stands at `path`, or `undefined` where nothing may. */
export function schemaAt(schema: JsonSchema, path: readonly (string | number)[]): JsonSchema | undefined {
  let current: JsonSchema | undefined = schema;
  for (const part of path) {
    const alternatives: readonly JsonSchema[] = current?.anyOf ?? (current ? [current] : []);
    current = alternatives
      .map((one) => (typeof part === 'number' ? one.items : one.properties?.[part]))
      .find((one) => one !== undefined);
    if (!current) return undefined;
  }
  return current;
}

function blockSchema(provider: (typeof providers)[number]): [string, JsonSchema] {
  const direct = toJsonSchema(provider.options);
  delete direct.$schema;
  describeOptions(direct);
  return [
    provider.block,
    {
      description: `Provider ${provider.id}${provider.environmentKey ? `; registered by itself where ${provider.environmentKey} is set` : ''}.`,
      type: 'object',
      properties: { direct: { description: 'Address and credential.', ...direct } },
      additionalProperties: false,
    },
  ];
}

function describeOptions(schema: JsonSchema): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    property.description ??= OPTION_HELP[key] ?? `${key.replaceAll('_', ' ')}.`;
    for (const alternative of [property, ...(property.anyOf ?? [])]) describeOptions(alternative);
  }
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}
