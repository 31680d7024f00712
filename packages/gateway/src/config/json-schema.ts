import { z } from 'zod';
import { modeOf, providerBlocks, providersOfBlock, type providers } from '../providers/index.ts';
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
  plan_type: 'Plan of the callers at Anthropic.',
};

/** JSON Schema (draft 2020-12) of gateway.yaml as people write it, with every provider's block in it. */
export function configJsonSchema(): JsonSchema {
  const schema = toJsonSchema(configSchema);
  const config = schema.properties?.['model_provider_services']?.items?.properties?.['config'];
  if (!config) throw new Error('the schema has no model_provider_services');
  config.properties = { ...Object.fromEntries(providerBlocks.map(blockSchema)), ...config.properties };
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

function blockSchema(block: string): [string, JsonSchema] {
  const own = providersOfBlock(block);
  const key = own.find((provider) => provider.environmentKey)?.environmentKey;
  return [
    block,
    {
      description: `Provider ${own[0]?.id}${key === undefined ? '' : `; registered by itself where ${key} is set`}.`,
      type: 'object',
      properties: Object.fromEntries(own.map((provider) => [modeOf(provider), optionsSchema(provider)])),
      additionalProperties: false,
    },
  ];
}

function optionsSchema(provider: (typeof providers)[number]): JsonSchema {
  const options = toJsonSchema(provider.options);
  delete options.$schema;
  describeOptions(options);
  const description = provider.callerCredentials
    ? "Callers' own credentials are passed on; the gateway has none."
    : 'Address and credential.';
  return { description, ...options };
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
