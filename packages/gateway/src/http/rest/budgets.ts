import { z } from 'zod';
import { budgetBodySchema, GATEWAY_RESOURCE, type BudgetEntry } from '../../config/budgets-schema.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { isAdmin } from '../../unity/caller.ts';
import { ACCOUNT_ID, budgetJson, filterJson } from '../../governance/budgets/budget-json.ts';
import { asRecord } from '../../lib/json-value.ts';
import type { RestContext, RestRequest, RestRoute } from '../rest-route.ts';
import { byKey, paginate } from './pagination.ts';

const path = '/api/2.1/accounts/{account_id}/budgets';
const tag = 'budgets';

const body = z.strictObject({ budget: budgetBodySchema }).describe('The budget.');
const answer = z.looseObject({ budget: z.looseObject({ budget_configuration_id: z.string() }) });

/**
 * Budgets of the account (unity-ai-gateway 8): the API that the vendor's command line and Terraform provider use.
 * There is one account. Only admins see and change budgets here; `GET /api/ai-gateway/v2/spend` is for everybody.
 */
export const budgetRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path,
    describe: {
      id: 'listBudgets',
      summary: 'Lists the budgets of the configuration and of the API.',
      access: 'admin',
      tag,
      query: { page_token: z.string().optional() },
      answer: z.looseObject({ budgets: z.array(z.looseObject({})), next_page_token: z.string().optional() }),
    },
    handle(request, context) {
      checkAccount(request);
      const key = (budget: { readonly id: string }): string => budget.id;
      const budgets = context.budgets.index.budgets.toSorted(byKey(key));
      const page = paginate(budgets, key, request.query, { scope: 'budgets', defaultSize: 100, maxSize: 1000 });
      const next = page.nextPageToken === '' ? {} : { next_page_token: page.nextPageToken };
      return { status: 200, body: { budgets: page.items.map(budgetJson), ...next } };
    },
  },
  {
    method: 'POST',
    path,
    describe: { id: 'createBudget', summary: 'Makes a budget.', access: 'admin', tag, body, answer },
    async handle(request, context) {
      checkAccount(request);
      const budget = await context.budgets.create(readBudget(request, context), Date.now());
      const after = budgetJson(budget);
      request.noteChange({ target: `budgets/${budget.id}`, after });
      return { status: 200, body: { budget: after } };
    },
  },
  {
    method: 'GET',
    path: `${path}/{budget_id}`,
    describe: { id: 'getBudget', summary: 'Gets a budget.', access: 'admin', tag, answer },
    handle(request, context) {
      checkAccount(request);
      return { status: 200, body: { budget: budgetJson(context.budgets.get(idOf(request))) } };
    },
  },
  {
    method: 'PUT',
    path: `${path}/{budget_id}`,
    describe: {
      id: 'updateBudget',
      summary: 'Changes name, thresholds and actions of a budget made by API; its scope stays.',
      access: 'admin',
      tag,
      body,
      answer,
    },
    async handle(request, context) {
      checkAccount(request);
      const id = idOf(request);
      const entry = readBudget(withScopeOf(request, context), context);
      const { before, after } = await context.budgets.update(id, entry, Date.now());
      request.noteChange({ target: `budgets/${id}`, before: budgetJson(before), after: budgetJson(after) });
      return { status: 200, body: { budget: budgetJson(after) } };
    },
  },
  {
    method: 'DELETE',
    path: `${path}/{budget_id}`,
    describe: { id: 'deleteBudget', summary: 'Deletes a budget made by API.', access: 'admin', tag },
    async handle(request, context) {
      checkAccount(request);
      const id = idOf(request);
      const before = await context.budgets.delete(id);
      request.noteChange({ target: `budgets/${id}`, before: budgetJson(before) });
      return { status: 200, body: {} };
    },
  },
  {
    method: 'GET',
    path: '/api/ai-gateway/v2/workspace-metrics/budgets',
    describe: {
      id: 'listWorkspaceBudgets',
      summary:
        'Lists the budgets that count requests to this workspace; to callers who are not admins, those that may count theirs.',
      access: 'user',
      tag,
      answer: z.looseObject({ workspace_ai_gateway_budgets: z.array(z.looseObject({})) }),
    },
    async handle(request, context) {
      const { principal } = request;
      if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is required.');
      const { workspaceId } = context.config().server;
      const here = context.budgets.index.budgets.filter(
        ({ filter, resourceType }) =>
          resourceType === GATEWAY_RESOURCE && filter.workspaceIds?.includes(workspaceId) !== false,
      );
      const mine = isAdmin(principal)
        ? undefined
        : new Set((await context.spendView.linesOf(principal)).map((line) => line.budget_configuration_id));
      const budgets = here.filter(({ id }) => mine === undefined || mine.has(id));
      return { status: 200, body: { workspace_ai_gateway_budgets: budgets.map(budgetJson) } };
    },
  },
];

/** A change that does not speak of the scope leaves it. */
function withScopeOf(request: RestRequest, context: RestContext): Pick<RestRequest, 'body'> {
  const given = asRecord(request.body['budget']);
  if (given === undefined || (given['filter'] ?? undefined) !== undefined) return request;
  const filter = filterJson(context.budgets.get(idOf(request)).filter);
  return { body: { ...request.body, budget: { ...given, filter } } };
}

/** @throws GatewayError `caller_invalid_parameter` */
function readBudget({ body: given }: Pick<RestRequest, 'body'>, context: RestContext): BudgetEntry {
  const parsed = body.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue === undefined ? 'budget' : issue.path.join('.') || 'budget';
    throw new GatewayError('caller_invalid_parameter', `${at}: ${issue?.message ?? 'invalid'}.`, { param: at });
  }
  const { budget } = parsed.data;
  const known = new Set(context.config().notifications.webhooks.map(({ url }) => url));
  for (const alert of budget.alert_configurations) {
    for (const { action_type: type, target } of alert.action_configurations) {
      if (type !== 'WEBHOOK' || target === undefined || known.has(target)) continue;
      throw new GatewayError('caller_invalid_parameter', 'The webhook is not one of notifications.webhooks.', {
        param: 'target',
      });
    }
  }
  return budget;
}

function checkAccount({ params }: RestRequest): void {
  if (params['account_id'] === ACCOUNT_ID) return;
  throw new GatewayError('caller_not_found', `There is one account here: ${ACCOUNT_ID}.`);
}

function idOf({ params }: RestRequest): string {
  return params['budget_id'] ?? '';
}
