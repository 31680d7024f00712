import { PER_USER, SHARED } from '../../config/budgets-schema.ts';
import type { Budget, BudgetAlert, BudgetFilter } from '../../config/budgets-settings.ts';

/** A self-hosted installation is one account. */
export const ACCOUNT_ID = '00000000-0000-0000-0000-000000000000';

/** A budget as the API shows it and the store keeps it (unity-ai-gateway 8). `budgetBodySchema` reads it back. */
export function budgetJson(budget: Budget) {
  return {
    budget_configuration_id: budget.id,
    account_id: ACCOUNT_ID,
    display_name: budget.displayName,
    resource_type: budget.resourceType,
    alert_configurations: budget.alerts.map(alertJson),
    filter: filterJson(budget.filter),
    create_time: budget.createdAt,
    update_time: budget.updatedAt,
  };
}

export type BudgetJson = ReturnType<typeof budgetJson>;

function alertJson(alert: BudgetAlert) {
  return {
    alert_configuration_id: alert.id,
    time_period: alert.period,
    trigger_type: 'CUMULATIVE_SPENDING_EXCEEDED' as const,
    quantity_type: 'LIST_PRICE_DOLLARS_USD' as const,
    quantity_threshold: alert.threshold,
    scope_type: alert.scope === 'shared' ? SHARED : PER_USER,
    principal_overrides: alert.overrides.map(({ principal, threshold }) => ({
      principal_id: principal,
      override_threshold: threshold,
    })),
    action_configurations: alert.actions.map((action) => ({
      action_configuration_id: action.id,
      action_type: action.type,
      ...(action.target === undefined ? {} : { target: action.target }),
    })),
  };
}

/** What is not asked is absent, as the vendor shows it. Ids of workspaces are numbers where they are ones. */
export function filterJson(filter: BudgetFilter) {
  const { workspaceIds, tags, users, groups, servicePrincipals, services } = filter;
  const numbered = (id: string): string | number => (/^\d{1,15}$/.test(id) ? Number(id) : id);
  return {
    ...(workspaceIds === undefined ? {} : { workspace_id: isIn(workspaceIds.map(numbered)) }),
    ...(tags.length === 0 ? {} : { tags: tags.map(({ key, values }) => ({ key, value: isIn(values) })) }),
    ...(users === undefined ? {} : { users: isIn(users) }),
    ...(groups === undefined ? {} : { groups: isIn(groups) }),
    ...(servicePrincipals === undefined ? {} : { service_principals: isIn(servicePrincipals) }),
    ...(services === undefined ? {} : { services: isIn(services) }),
  };
}

function isIn<T>(values: readonly T[]) {
  return { operator: 'IN' as const, values: [...values] };
}
