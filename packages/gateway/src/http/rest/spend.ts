import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import { isAdmin } from '../../unity/caller.ts';
import type { Spender } from '../../governance/budgets/caller-spend.ts';
import { parseRequestTags } from '../../usage/request-tags.ts';
import type { RestContext, RestRequest, RestRoute } from '../rest-route.ts';

const amount = z.string().describe('US dollars, exact decimal text.');

const answer = z.object({
  principal: z.string().describe('Whose spend it is.'),
  month_spend: amount.describe('Spent since the month began (UTC), under every budget and none; some seconds old.'),
  budgets: z.array(
    z.object({
      budget_configuration_id: z.string(),
      display_name: z.string(),
      scope_type: z.enum(['SHARED', 'PER_USER']),
      time_period: z.enum(['DAY', 'WEEK', 'MONTH']),
      quantity_threshold: amount,
      spent: amount,
      remaining: amount,
      blocks_usage: z.boolean().describe('Whether requests are refused at the threshold.'),
      resets_at: z.string().describe('ISO 8601, UTC.'),
    }),
  ),
  rate_limits: z
    .array(
      z.object({
        name: z.string().describe('Full name of the service whose limit it is.'),
        scope: z
          .enum(['SERVICE', 'USER', 'SERVICE_PRINCIPAL', 'USER_GROUP', 'REQUEST_TAG'])
          .describe('Whose requests are counted together.'),
        scope_name: z
          .string()
          .nullable()
          .describe('The name of the group, or the tag as `key=value`; null for the service and the caller itself.'),
        key: z.enum(['requests', 'tokens']),
        window: z.enum(['MINUTE', 'HOUR']).describe('The time that is counted over, up to now.'),
        limit: z.int().describe('0 denies.'),
        used: z.int().nullable().describe('With what requests under way may use; null while it cannot be counted.'),
        remaining: z.int().nullable().describe('From 0; null while it cannot be counted.'),
        resets_at: z
          .string()
          .nullable()
          .describe('ISO 8601, UTC: when what is counted begins to leave the window; null where nothing is counted.'),
      }),
    )
    .describe(
      'The rate limits of the services that the principal may call, the fullest first. Of several groups with the same name, key and window, room in one is enough. Limits of request tags are those of the tags in the header Databricks-Ai-Gateway-Request-Tags of this call.',
    ),
});

/** Our own: what one has spent, which budgets and rate limits apply, and what is left. */
export const spendRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/ai-gateway/v2/spend',
    describe: {
      id: 'getSpend',
      summary:
        'Tells what one has spent, which budgets and rate limits apply, what is left of them and when they begin anew.',
      access: 'user',
      tag: 'budgets',
      query: { principal: z.string().optional().describe('Somebody else, by name or id. For admins.') },
      answer,
    },
    async handle(request, context) {
      const spender = spenderOf(request, context);
      const tags = parseRequestTags(request.headers['databricks-ai-gateway-request-tags']);
      const [budgets, spent, limits] = await Promise.all([
        context.spendView.linesOf(spender),
        context.spendView.monthOf(spender),
        context.limitView.linesOf(spender, tags),
      ]);
      return {
        status: 200,
        body: { principal: spender.userName, month_spend: spent, budgets, rate_limits: limits },
      };
    },
  },
];

/** @throws GatewayError `policy_forbidden`, `caller_not_found` */
function spenderOf({ principal, query }: RestRequest, context: RestContext): Spender {
  if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is required.');
  const name = query.get('principal');
  if (name === null || name === principal.userName || name === principal.id) return principal;
  if (!isAdmin(principal)) {
    throw new GatewayError('policy_forbidden', 'Only admins may see what others have spent.');
  }
  const account = context.directory.byName(name) ?? context.directory.byId(name);
  if (!account) throw new GatewayError('caller_not_found', 'There is nobody of that name.');
  return account;
}
