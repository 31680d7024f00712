import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { AgentConfig } from '../../governance/agent-configs/agent-configs.ts';
import { definitionBody } from '../../governance/agent-configs/definition.ts';
import { recommendModel } from '../../governance/agent-configs/recommend-model.ts';
import type { Principal } from '../../identity/principal.ts';
import { neededText, optionalText } from '../openapi/parameters.ts';
import type { RestContext, RestRequest, RestRoute } from '../rest-route.ts';

const collection = '/api/ai-gateway/v2/coding-agent-configs';
const tag = 'codingAgentConfigs';

/** What a recommendation may be asked with. `available_models` is taken and not used: tiers are not to be got around. */
const question = z.looseObject({ available_models: z.array(z.string()).optional() });

/** Managed configuration of coding agents: everyone reads it, admins write it (workspace-contract 7.1 to 7.3). */
export const agentConfigRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: collection,
    describe: {
      id: 'listCodingAgentConfigs',
      summary: 'Shows the configuration of coding agents, in a list that has one entry or none.',
      access: 'user',
      tag,
    },
    handle(_request, { agentConfigs }) {
      const { current } = agentConfigs;
      return { status: 200, body: { coding_agent_configs: current === undefined ? [] : [configJson(current)] } };
    },
  },
  {
    method: 'POST',
    path: collection,
    describe: {
      id: 'createCodingAgentConfig',
      summary: 'Makes the configuration of coding agents; a workspace has one.',
      access: 'admin',
      tag,
      body: definitionBody,
    },
    async handle(request, { agentConfigs }) {
      const made = configJson(await agentConfigs.create(request.body, callerOf(request).userName));
      request.noteChange({ target: made.name, after: made });
      return { status: 200, body: made };
    },
  },
  {
    method: 'GET',
    path: `${collection}/{id}`,
    describe: {
      id: 'getCodingAgentConfig',
      summary: 'Shows a configuration of coding agents.',
      access: 'user',
      tag,
    },
    handle: ({ params }, { agentConfigs }) => ({ status: 200, body: configJson(agentConfigs.get(params['id'] ?? '')) }),
  },
  {
    method: 'PATCH',
    path: `${collection}/{id}`,
    describe: {
      id: 'updateCodingAgentConfig',
      summary: 'Changes the fields that the mask names; one that the body does not have is cleared.',
      access: 'admin',
      tag,
      query: { update_mask: neededText, etag: optionalText },
      body: definitionBody,
    },
    async handle(request, { agentConfigs }) {
      const { query, params, body } = request;
      const update = { body, mask: query.get('update_mask') ?? '', etag: query.get('etag') ?? undefined };
      const { before, after } = await agentConfigs.update(params['id'] ?? '', update, callerOf(request).userName);
      request.noteChange({ target: after.name, before: configJson(before), after: configJson(after) });
      return { status: 200, body: configJson(after) };
    },
  },
  {
    method: 'DELETE',
    path: `${collection}/{id}`,
    describe: {
      id: 'deleteCodingAgentConfig',
      summary: 'Deletes the configuration of coding agents.',
      access: 'admin',
      tag,
      query: { etag: optionalText },
    },
    async handle(request, { agentConfigs }) {
      const deleted = await agentConfigs.delete(request.params['id'] ?? '', request.query.get('etag') ?? undefined);
      request.noteChange({ target: deleted.name, before: configJson(deleted) });
      return { status: 200, body: {} };
    },
  },
  {
    method: 'POST',
    path: `${collection}:recommendModel`,
    describe: {
      id: 'recommendCodingAgentModel',
      summary: 'Says which agent and model the caller should start with, by what it has spent.',
      access: 'user',
      tag,
      body: question,
      reads: true,
    },
    async handle(request, context) {
      const spend = await spendOf(callerOf(request), context);
      const definition = context.agentConfigs.current?.definition;
      const { agent, model } = definition ? recommendModel(definition, spend) : { agent: undefined, model: undefined };
      const body = {
        recommended_agent: agent,
        recommended_model: model,
        current_spend: spend?.currentSpend,
        effective_threshold: spend?.effectiveThreshold,
      };
      return { status: 200, body };
    },
  },
];

/** Agents are to start when the counts cannot be reached; whether they may call models is decided elsewhere. */
async function spendOf(principal: Principal, { spend }: RestContext) {
  try {
    return await spend.spendOf(principal);
  } catch {
    return undefined;
  }
}

function callerOf({ principal }: RestRequest): Principal {
  if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is needed.');
  return principal;
}

function configJson(config: AgentConfig) {
  return {
    name: config.name,
    workspace_id: config.workspaceId,
    ...config.definition,
    create_time: new Date(config.createdAt).toISOString(),
    created_by: config.createdBy,
    update_time: new Date(config.updatedAt).toISOString(),
    updated_by: config.updatedBy,
    etag: config.etag,
  };
}
