import { createHash } from 'node:crypto';
import { PER_USER, type AlertEntry, type BudgetEntry } from './budgets-schema.ts';
import type { Report } from './problems.ts';

export type BudgetPeriod = 'DAY' | 'WEEK' | 'MONTH';

export interface BudgetAction {
  readonly id: string;
  readonly type: 'EMAIL_NOTIFICATION' | 'WEBHOOK' | 'BLOCK_USAGE';
  readonly target: string | undefined;
}

/** A threshold and what happens at it. */
export interface BudgetAlert {
  readonly id: string;
  readonly period: BudgetPeriod;
  readonly scope: 'shared' | 'per-user';
  /** US dollars, exact decimal text. */
  readonly threshold: string;
  /** Thresholds of single principals, by id or name; of per-user alerts only. */
  readonly overrides: readonly { readonly principal: string; readonly threshold: string }[];
  readonly actions: readonly BudgetAction[];
}

/** Which requests count. A list that is absent says nothing. */
export interface BudgetFilter {
  readonly workspaceIds: readonly string[] | undefined;
  readonly tags: readonly { readonly key: string; readonly values: readonly string[] }[];
  readonly users: readonly string[] | undefined;
  readonly groups: readonly string[] | undefined;
  readonly servicePrincipals: readonly string[] | undefined;
  readonly services: readonly string[] | undefined;
}

/** A budget (unity-ai-gateway 8), of the configuration or made by API. */
export interface Budget {
  /** UUID. */
  readonly id: string;
  readonly displayName: string;
  readonly source: 'configuration' | 'api';
  readonly resourceType: string;
  readonly alerts: readonly BudgetAlert[];
  readonly filter: BudgetFilter;
  /** Milliseconds since 1970; 0 for those of the configuration. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The section `budgets`. Their ids follow from their names, so that they stay over restarts and in every gateway. */
export function readBudgets(entries: readonly BudgetEntry[], report: Report): readonly Budget[] {
  const seen = new Set<string>();
  return entries.map((entry, index) => {
    if (seen.has(entry.display_name)) {
      report(['budgets', index, 'display_name'], `the budget '${entry.display_name}' is there twice`, 'Choose another');
    }
    seen.add(entry.display_name);
    const id = stableUuid(`budget\n${entry.display_name}`);
    const nextId = (what: string): string => stableUuid(`${id}\n${what}`);
    return budgetOf(entry, { id, source: 'configuration', createdAt: 0, updatedAt: 0 }, nextId);
  });
}

/**
 * The budget that an entry describes.
 * @param nextId id of an alert or action that has none: told its place, such as `0` or `0/1`.
 */
export function budgetOf(
  entry: BudgetEntry,
  facts: Pick<Budget, 'id' | 'source' | 'createdAt' | 'updatedAt'>,
  nextId: (place: string) => string,
): Budget {
  const { filter } = entry;
  return {
    ...facts,
    displayName: entry.display_name,
    resourceType: entry.resource_type,
    alerts: entry.alert_configurations.map((alert, index) => alertOf(alert, String(index), nextId)),
    filter: {
      workspaceIds: filter.workspace_id?.values,
      tags: filter.tags.map(({ key, value }) => ({ key, values: value.values })),
      users: filter.users?.values,
      groups: filter.groups?.values,
      servicePrincipals: filter.service_principals?.values,
      services: filter.services?.values,
    },
  };
}

function alertOf(alert: AlertEntry, place: string, nextId: (place: string) => string): BudgetAlert {
  return {
    id: alert.alert_configuration_id ?? nextId(place),
    period: alert.time_period,
    scope: alert.scope_type === PER_USER ? 'per-user' : 'shared',
    threshold: alert.quantity_threshold,
    overrides: alert.principal_overrides.map(({ principal_id: principal, override_threshold: threshold }) => ({
      principal,
      threshold,
    })),
    actions: alert.action_configurations.map((action, index) => ({
      id: action.action_configuration_id ?? nextId(`${place}/${index}`),
      type: action.action_type,
      target: (action.target ?? '') === '' ? undefined : action.target,
    })),
  };
}

/** A UUID (RFC 9562, version 8) that is the same for the same text. */
function stableUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
