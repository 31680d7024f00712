import { z } from 'zod';
import type { GatewayConfig } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { declaredTime } from '../rest/envelope.ts';
import { endpointName, isSystemService, leafOf } from '../rest/resource-names.ts';
import { usableConfig } from '../rest/service-requests.ts';
import { optionalText } from '../openapi/parameters.ts';
import type { RestRoute } from '../rest-route.ts';
import { listedModel, listedModels, type ListedModel, type NativeApi } from './listed-models.ts';

const apis: readonly NativeApi[] = [['anthropic-messages', 'generate']];

const anthropicQuery = {
  limit: z
    .string()
    .regex(/^\d{1,4}$/)
    .optional(),
  after_id: optionalText,
  before_id: optionalText,
};

/** Anthropic's models API (workspace-contract 13.3). */
export const anthropicModelRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/ai-gateway/anthropic/v1/models',
    describe: {
      id: 'listAnthropicModels',
      summary: "Lists the models that speak Anthropic's Messages API.",
      access: 'user',
      tag: 'models',
      query: anthropicQuery,
    },
    scopes: ['model-serving'],
    dialect: 'anthropic-messages',
    handle: (request, context) => ({
      status: 200,
      body: anthropicPage(usableConfig(context, request), request.query),
    }),
  },
  {
    method: 'GET',
    path: '/ai-gateway/anthropic/v1/models/{model}',
    describe: {
      id: 'getAnthropicModel',
      summary: "Shows a model that speaks Anthropic's Messages API.",
      access: 'user',
      tag: 'models',
    },
    scopes: ['model-serving'],
    dialect: 'anthropic-messages',
    handle: (request, context) => {
      const id = request.params['model'] ?? '';
      return { status: 200, body: modelInfo(id, listedModel(usableConfig(context, request), apis, id)) };
    },
  },
];

/**
 * The spellings a model is listed under. Two clients read this list and each sees only its own: Claude
 * Code's picker shows ids that start with `claude` or `anthropic`, `ucode` looks for
 * `databricks-claude-`. So a hosted Claude model stands there twice, and neither client shows it
 * twice. Any other model has one entry, its full name. Inference takes all of these.
 */
function listedIds(name: string): string[] {
  const leaf = leafOf(name);
  return isSystemService(name) && /^(claude|anthropic)/.test(leaf) ? [leaf, endpointName(name)] : [name];
}

/**
 * A page of the list. Without `limit` it is as long as Anthropic allows (1000, not 20): `ucode` reads the
 * first page only.
 * @throws GatewayError `caller_invalid_parameter`
 */
function anthropicPage(config: GatewayConfig, query: URLSearchParams) {
  const all = listedModels(config, apis).flatMap((model) =>
    listedIds(model.service.name).map((id) => modelInfo(id, model)),
  );
  const limit = Number(query.get('limit') ?? 1000);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw invalid('limit', 'must be a whole number from 1 to 1000');
  const after = cursor(all, query, 'after_id');
  const before = cursor(all, query, 'before_id');
  if (after !== undefined && before !== undefined) throw invalid('before_id', 'does not go together with after_id');
  const start = before === undefined ? (after ?? -1) + 1 : Math.max(0, before - limit);
  const data = all.slice(start, before ?? start + limit);
  const hasMore = before === undefined ? start + data.length < all.length : start > 0;
  return { data, has_more: hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** Place in the list of the id that a cursor names; `undefined` without a cursor. */
function cursor(
  all: readonly { readonly id: string }[],
  query: URLSearchParams,
  parameter: string,
): number | undefined {
  const id = query.get(parameter);
  if (id === null || id === '') return undefined;
  const at = all.findIndex((model) => model.id === id);
  if (at < 0) throw invalid(parameter, 'is not the id of a listed model');
  return at;
}

/** Anthropic's model object; what is not known is `null` there, and the epoch for the release date. */
function modelInfo(id: string, model: ListedModel) {
  return {
    type: 'model',
    id,
    display_name: model.displayName,
    created_at: declaredTime,
    max_input_tokens: model.contextWindow ?? null,
    max_tokens: model.maxOutputTokens ?? null,
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}

function invalid(parameter: string, what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `${parameter}: ${what}.`, { param: parameter });
}
