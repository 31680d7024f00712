import { z } from 'zod';
import { MOST_COUNTED_DOLLARS } from '../models/money.ts';
import { amountKey } from './prices-schema.ts';

/** Thresholds of the whole scope that a budget may have, and as many for each user (unity-ai-gateway 8). */
const MOST_THRESHOLDS = 4;
/** Overrides that a budget may have (unity-ai-gateway 8). */
const MOST_OVERRIDES = 20;
/** Budgets that there may be (unity-ai-gateway 8). */
export const MOST_BUDGETS = 1_000;

export const SHARED = 'ALERT_CONFIGURATION_SCOPE_TYPE_SHARED';
export const PER_USER = 'ALERT_CONFIGURATION_SCOPE_TYPE_PER_USER';
export const GATEWAY_RESOURCE = 'BUDGET_RESOURCE_TYPE_UNITY_AI_GATEWAY';

const threshold = () =>
  amountKey().refine((amount) => Number(amount) <= MOST_COUNTED_DOLLARS, {
    error: `at most ${MOST_COUNTED_DOLLARS} dollars can be counted exactly`,
  });

const actionSchema = z
  .strictObject({
    action_configuration_id: z.string().max(64).optional().describe('Given by the gateway.'),
    action_type: z
      .enum(['EMAIL_NOTIFICATION', 'WEBHOOK', 'BLOCK_USAGE'])
      .describe('`BLOCK_USAGE` refuses requests; the others tell somebody once in each period.'),
    target: z
      .string()
      .max(2048)
      .optional()
      .describe(
        'Address that mail goes to; address of a webhook of `notifications.webhooks`, all of them where left out.',
      ),
  })
  .refine(({ action_type: type, target }) => type !== 'EMAIL_NOTIFICATION' || z.email().safeParse(target).success, {
    error: 'EMAIL_NOTIFICATION needs an e-mail address as its target',
    path: ['target'],
  })
  .refine(({ action_type: type, target }) => type !== 'BLOCK_USAGE' || (target ?? '') === '', {
    error: 'BLOCK_USAGE has no target',
    path: ['target'],
  });

const alertSchema = z
  .strictObject({
    alert_configuration_id: z.string().max(64).optional().describe('Given by the gateway.'),
    time_period: z
      .enum(['DAY', 'WEEK', 'MONTH'])
      .default('MONTH')
      .describe('What the spend is counted over, in UTC: a day, a week from Monday, a calendar month.'),
    trigger_type: z
      .literal('CUMULATIVE_SPENDING_EXCEEDED')
      .default('CUMULATIVE_SPENDING_EXCEEDED')
      .describe('When the threshold is reached. There is one kind.'),
    quantity_type: z
      .literal('LIST_PRICE_DOLLARS_USD')
      .default('LIST_PRICE_DOLLARS_USD')
      .describe('What is counted: US dollars at the prices in force.'),
    quantity_threshold: threshold().describe('US dollars. At this amount the actions are taken.'),
    scope_type: z
      .enum([SHARED, PER_USER])
      .default(SHARED)
      .describe('Whether all callers share the threshold, or each has it.'),
    principal_overrides: z
      .array(
        z.strictObject({
          principal_id: z.string().min(1).max(256).describe('User, group or service principal: id or name.'),
          override_threshold: threshold().describe('US dollars, in place of the threshold.'),
        }),
      )
      .max(MOST_OVERRIDES)
      .default([])
      .describe("Other thresholds for some callers. One's own comes first; of several groups, the highest."),
    action_configurations: z.array(actionSchema).max(20).default([]).describe('What happens at the threshold.'),
  })
  .refine(({ scope_type: scope, principal_overrides: overrides }) => scope === PER_USER || overrides.length === 0, {
    error: 'only a threshold for each user can have overrides',
    path: ['principal_overrides'],
  });

const oneOf = <T extends z.ZodType>(value: T, what: string) =>
  z
    .strictObject({
      operator: z.literal('IN').default('IN').describe('There is one.'),
      values: z.array(value).min(1).max(1000).describe(what),
    })
    .describe(what);

const name = z.string().trim().min(1).max(1024);

const filterSchema = z.strictObject({
  workspace_id: oneOf(
    z.union([z.string().min(1).max(64), z.int()]).transform((id) => String(id)),
    'Ids of workspaces.',
  ).optional(),
  tags: z
    .array(z.strictObject({ key: name.describe('Key of the tag.'), value: oneOf(name, 'Values of the tag.') }))
    .max(50)
    .default([])
    .describe('Tags of the model service; all of them must fit.'),
  users: oneOf(name, 'Names of users.').optional(),
  groups: oneOf(name, 'Names of groups; members of any of them count.').optional(),
  service_principals: oneOf(name, 'Application ids of service principals.').optional(),
  services: oneOf(name, 'Full names of model services, and of provider services that are called directly.').optional(),
});

const keys = {
  display_name: z.string().trim().min(1).max(256).describe('Name for people.'),
  resource_type: z
    .string()
    .regex(/^[A-Z_]{1,100}$/)
    .default(GATEWAY_RESOURCE)
    .describe('What the budget is of. There is nothing else here.'),
  alert_configurations: z
    .array(alertSchema)
    .max(2 * MOST_THRESHOLDS)
    .default([])
    .describe('Thresholds and what happens at them: up to 4 shared ones, and up to 4 for each user.'),
  filter: filterSchema
    .prefault({})
    .describe('Which requests count. All keys must fit; users, groups and service principals are alternatives.'),
};

const fits = {
  thresholds: (budget: { alert_configurations: readonly AlertEntry[] }): boolean =>
    [SHARED, PER_USER].every(
      (scope) => budget.alert_configurations.filter((alert) => alert.scope_type === scope).length <= MOST_THRESHOLDS,
    ),
  overrides: (budget: { alert_configurations: readonly AlertEntry[] }): boolean =>
    budget.alert_configurations.reduce((sum, alert) => sum + alert.principal_overrides.length, 0) <= MOST_OVERRIDES,
};
const TOO_MANY_THRESHOLDS = {
  error: 'at most 4 shared thresholds and 4 for each user',
  path: ['alert_configurations'],
};
const TOO_MANY_OVERRIDES = { error: 'at most 20 overrides in a budget', path: ['alert_configurations'] };

/** An entry of the key `budgets`. */
export const budgetSchema = z
  .strictObject(keys)
  .refine(fits.thresholds, TOO_MANY_THRESHOLDS)
  .refine(fits.overrides, TOO_MANY_OVERRIDES);

/** A budget as the REST API is sent it; what the gateway gives is accepted and not read. */
export const budgetBodySchema = z
  .strictObject({
    ...keys,
    budget_configuration_id: z.string().max(64).optional(),
    account_id: z.string().max(64).optional(),
    create_time: z.int().optional(),
    update_time: z.int().optional(),
  })
  .refine(fits.thresholds, TOO_MANY_THRESHOLDS)
  .refine(fits.overrides, TOO_MANY_OVERRIDES);

export const budgetsSchema = z
  .array(budgetSchema)
  .max(MOST_BUDGETS)
  .default([])
  .describe('Budgets; more can be made by API.');

export type BudgetEntry = z.output<typeof budgetSchema>;
export type AlertEntry = z.output<typeof alertSchema>;
