import { z } from 'zod';
import { codingAgents, mcpServerTypes } from './agents.ts';

const text = (longest = 1_000) => z.string('must be a text').max(longest, `must have ${longest} characters at most`);
const needed = (longest?: number) => text(longest).min(1, 'must not be empty');
const agent = z.enum(codingAgents, `must be one of ${codingAgents.join(', ')}`);
const share = z
  .number('must be a number from 0 to 1')
  .min(0, 'must be a number from 0 to 1')
  .max(1, 'must be a number from 0 to 1');

/** Claude has a model for each of its sizes, the others have a list. */
const models = z.union(
  [z.record(z.string(), needed()), z.array(needed()).max(200)],
  'must be an object or a list of model names',
);

/** Objects keep the fields we do not know: clients that are newer than the gateway read them back. */
const modelConfig = z.looseObject({
  model_provider_service: text().optional(),
  default_model: text().optional(),
  models: models.optional(),
});

const enabledAgent = z.looseObject({
  agent,
  config: z
    .looseObject(
      {
        use_as_global_settings: z.boolean('must be true or false').optional(),
        custom_headers: z.record(z.string(), text(4_000), 'must be an object of texts').optional(),
        tracing_config: z.looseObject({ table: text().optional() }, 'must be an object').optional(),
        model_config: z.record(z.string(), modelConfig, 'must be an object').optional(),
      },
      'must be an object',
    )
    .optional(),
});

const mcpServer = z.looseObject({
  name: needed(),
  type: z.enum(mcpServerTypes, `must be one of ${mcpServerTypes.join(', ')}`),
});

const tier = z.looseObject({ spending_percentage: share, default_agent: agent, default_model: needed() });

/** What an admin says of the coding agents of a workspace (workspace-contract 7.1). Every field can be changed by itself. */
export const definitionFields = {
  display_name: text().optional(),
  default_agent: agent.optional(),
  enabled_agents: z.array(enabledAgent, 'must be a list').max(50, 'must have 50 entries at most').optional(),
  mcp_servers: z.array(mcpServer, 'must be a list').max(500, 'must have 500 entries at most').optional(),
  skills: z
    .looseObject({ names: z.array(needed(), 'must be a list of schemas').max(500).optional() }, 'must be an object')
    .optional(),
  tracing: z.looseObject({ table: needed() }, 'must be an object').optional(),
  budget_policy: z
    .looseObject(
      {
        display_name: text().optional(),
        budget_id: z.uuid('must be a UUID'),
        tiers: z.array(tier, 'must be a list').max(50, 'must have 50 entries at most').optional(),
      },
      'must be an object',
    )
    .optional(),
  /** Of newer clients; kept, not read. */
  smart_defaults: z.looseObject({}, 'must be an object').optional(),
};

export const definition = z.object(definitionFields);
export type Definition = z.infer<typeof definition>;

/** Fields that an update can name. */
export const mutableFields = Object.keys(definitionFields) as (keyof Definition)[];

/** Fields of a configuration that the server says: taken from nobody, so that what was read can be sent back. */
const outputFields = {
  name: z.string().optional(),
  workspace_id: z.unknown().optional(),
  etag: z.string().optional(),
  create_time: z.unknown().optional(),
  created_by: z.unknown().optional(),
  update_time: z.unknown().optional(),
  updated_by: z.unknown().optional(),
  /** Version of the client's format. */
  spec_version: z.unknown().optional(),
};

/** The body of a request that creates or updates. */
export const definitionBody = z.strictObject({ ...definitionFields, ...outputFields });
