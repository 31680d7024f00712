import { z } from 'zod';
import { providers } from '../providers/index.ts';
import { budgetsSchema } from './budgets-schema.ts';
import { groupsSchema, servicePrincipalsSchema } from './identity-schema.ts';
import { encryptionSchema } from './encryption-schema.ts';
import { lakeSchema, sqlSchema } from './lake-schema.ts';
import { notificationsSchema } from './notifications-schema.ts';
import { pricesSchema } from './prices-schema.ts';
import { limitsSchema } from './limits-schema.ts';
import { rateLimitsSchema } from './rate-limit-schema.ts';
import { durationKey, serverSchema } from './server-schema.ts';
import { identitySchema } from './sso-schema.ts';
import { stateSchema } from './state-schema.ts';
import { grantsSchema } from './service-record.ts';
import { threeLevelName } from './service-name.ts';

const nativeApiTypes = z
  .array(z.string().min(1).max(256))
  .max(64)
  .describe(
    'Inference paths that the model answers natively, such as `openai/v1/responses`. Default: all of the provider.',
  );

const userSchema = z.strictObject({
  name: z.string().trim().min(1).max(256).describe('E-mail address or login name.'),
  groups: z
    .array(z.string().trim().min(1))
    .default([])
    .describe('Groups. Members of `admins` may administer the gateway.'),
  active: z.boolean().default(true).describe('Whether tokens of this user are accepted.'),
});

const comment = z.string().describe('Free text for people.');

const targetSchema = z.strictObject({
  model: z.string().min(1).describe("The provider's own model id."),
  native_api_types: nativeApiTypes.optional(),
});

/** The keys of a provider service's `config` that are not a provider's block. */
export const providerConfigKeys = {
  provider_type: z
    .enum([...new Set(providers.map((provider) => provider.providerType))] as [string, ...string[]])
    .optional()
    .describe(
      "The vendor's name for the kind of provider. Follows from the provider's block; checked where it is given.",
    ),
  targets: z.array(targetSchema).default([]).describe('Models of the provider that may be called.'),
  allow_all_targets: z
    .boolean()
    .optional()
    .describe('Whether models beyond `targets` may be called. Default: true where `targets` is empty, else false.'),
  rate_limits: rateLimitsSchema.optional().describe('Most requests and tokens where the service is called directly.'),
};

export const providerServiceSchema = z.strictObject({
  name: threeLevelName('model-provider-services').describe('Full name, such as `main.default.openai`.'),
  comment: comment.optional(),
  grants: grantsSchema,
  // The block of the provider stays unread here: its own schema reads it.
  config: z
    .looseObject(providerConfigKeys)
    .describe('One block that names the provider, and the models it may be asked for.'),
});

const destinationSchema = z.strictObject({
  name: z.string().min(1).optional().describe('Name in usage records. Default: the model.'),
  destination_type: z
    .literal('DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL', {
      error: 'only DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL is supported',
    })
    .optional()
    .describe('Kind of destination. The only one there is, so it may be left out.'),
  traffic_percentage: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe('Share of the requests. The shares of a service sum to 100; a sole destination may leave it out.'),
  external_model_config: z
    .strictObject({
      model_provider_service: threeLevelName('model-provider-services').describe(
        'Name of an entry of `model_provider_services`.',
      ),
      target: targetSchema.describe('The model to call there.'),
    })
    .describe('Which provider service and which model.'),
});

const routingSchema = z.strictObject({
  destinations: z
    .array(destinationSchema)
    .min(1)
    .max(10)
    .describe('1 to 10 destinations that share the requests by percentage.'),
  fallback: z
    .strictObject({
      destinations: z
        .array(destinationSchema)
        .max(5)
        .default([])
        .describe('Up to 5, tried in this order; the same keys as `destinations`, traffic_percentage without effect.'),
    })
    .prefault({})
    .describe('Where to go when the chosen destination fails.'),
  traffic_splitting: z.strictObject({}).optional().describe('Marker of the REST API; has no keys and no effect.'),
  first_token_timeout: durationKey()
    .optional()
    .describe('Streaming only: the next destination is tried when no first byte came in this time, such as "5s".'),
});

const inferenceTableSchema = z.strictObject({
  parent: z
    .string()
    .regex(/^schemas\/[^./]+\.[^./]+$/, { error: 'expected schemas/CATALOG.SCHEMA, such as "schemas/main.default"' })
    .describe('Schema that the table is made in, such as `schemas/main.default`.'),
  table_name_prefix: z
    .string()
    .regex(/^\w{1,200}$/, { error: 'expected letters, digits and underscores' })
    .optional()
    .describe("The table is named PREFIX_payload. Default: the last part of the service's name."),
  disabled: z.boolean().default(false).describe('Pauses, and keeps the table.'),
  sampling_fraction: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Share of the requests whose bodies are kept, above 0 to 1.'),
  redact: z
    .array(
      z.union([
        z.enum(['email', 'credit_card', 'ip_address', 'secret']).describe('A built-in rule.'),
        z
          .strictObject({
            pattern: z.string().min(1).max(500).describe('JavaScript regular expression, matched in the whole body.'),
            replacement: z.string().max(100).default('[REDACTED]').describe('What stands there instead.'),
          })
          .describe('A rule of your own.'),
      ]),
    )
    .max(50)
    .default([])
    .describe('What is replaced in bodies before anything is written to disk.'),
});

export const modelServiceSchema = z.strictObject({
  name: threeLevelName('model-services').describe('Full name that callers send as `model`, such as `main.team.fast`.'),
  comment: comment.optional(),
  grants: grantsSchema,
  tags: z.record(z.string(), z.string()).default({}).describe('Tags, text to text.'),
  config: z
    .strictObject({
      routing: routingSchema.describe('Where requests go.'),
      rate_limits: rateLimitsSchema.optional().describe('Most requests and tokens. Default: no limits.'),
      inference_table: inferenceTableSchema
        .optional()
        .describe('Keeps request and response bodies in a table. Without it, none are kept.'),
    })
    .describe('As in the REST API.'),
});

/** gateway.yaml as it is written. `input` is what people write, `output` has its defaults filled. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Address of this schema, for editors. Not read by the gateway.'),
  server: serverSchema.prefault({}).describe('The process itself: address, data, limits, timeouts.'),
  lake: lakeSchema.prefault({}).describe('The Delta tables: where they are, how they are kept.'),
  sql: sqlSchema.prefault({}).describe('Limits of the SQL warehouse.'),
  state: stateSchema
    .prefault({})
    .describe('Where users, tokens, grants, budgets and everything else that is relational is kept.'),
  encryption: encryptionSchema.prefault({}).describe('The key that seals stored secrets.'),
  limits: limitsSchema.prefault({}).describe('How rate limits and budgets are counted.'),
  users: z
    .array(userSchema)
    .min(1)
    .default([{ name: 'admin', groups: ['admins'], active: true }])
    .describe('Who may hold tokens. Default: `admin`, in the group `admins`.'),
  identity: identitySchema.prefault({}).describe('How people sign in.'),
  groups: groupsSchema,
  service_principals: servicePrincipalsSchema,
  model_provider_services: z
    .array(providerServiceSchema)
    .default([])
    .describe('Accounts at model providers, each with its credential.'),
  model_services: z
    .array(modelServiceSchema)
    .default([])
    .describe(
      'What callers name in `model`. Where there is none, the models of the provider services, and of every provider whose environment variable is set, are registered as `system.ai.*`.',
    ),
  prices: pricesSchema.prefault({}).describe('Prices that differ from the list prices, discounts, markups.'),
  budgets: budgetsSchema,
  notifications: notificationsSchema.prefault({}).describe('How alerts of budgets leave the gateway.'),
});

export type ConfigFile = z.output<typeof configSchema>;
export type ProviderServiceEntry = ConfigFile['model_provider_services'][number];
export type ModelServiceEntry = ConfigFile['model_services'][number];
export type DestinationEntry = ModelServiceEntry['config']['routing']['destinations'][number];
