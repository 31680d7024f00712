import { asObject, asText } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import { WorkspaceError, type WorkspaceClient } from './client.ts';

/** A budget that the caller's requests count in. Amounts are US dollars as decimal text. */
export interface BudgetLine {
  readonly name: string;
  /** `day`, `week` or `month`; `null` where the workspace does not say. */
  readonly period: string | null;
  /** Counted for each person, not for all together. */
  readonly perUser: boolean;
  readonly spent: string;
  readonly threshold: string;
  readonly remaining: string;
  /** Whether requests are refused at the threshold; `null` where the workspace does not say. */
  readonly blocks: boolean | null;
  /** ISO 8601, UTC; `null` where the workspace does not say. */
  readonly resetsAt: string | null;
}

/** A rate limit of a service that the caller may call. */
export interface RateLimitLine {
  /** Full name of the service. */
  readonly service: string;
  /** Whose requests are counted together: `user`, `user_group`… */
  readonly scope: string;
  /** Of a group, or of a tag as `key=value`. */
  readonly scopeName: string | null;
  readonly key: 'requests' | 'tokens';
  readonly window: 'minute' | 'hour';
  readonly limit: number;
  /** `null` while it cannot be counted. */
  readonly used: number | null;
  readonly remaining: number | null;
  /** ISO 8601, UTC; `null` where nothing is counted. */
  readonly resetsAt: string | null;
}

export interface Spend {
  readonly budgets: readonly BudgetLine[];
  readonly rateLimits: readonly RateLimitLine[];
}

/**
 * Limits and budgets that apply to the caller, the fullest limit first. A workspace that only tells the caller's spend for
 * its recommendation of a model (workspace-contract 7.3) has that one budget; `undefined`: it tells nothing.
 */
export async function readSpend(client: WorkspaceClient): Promise<Spend | undefined> {
  const own = await unlessRefused(client.json('/api/ai-gateway/v2/spend'));
  if (own !== undefined) {
    return {
      budgets: entriesOf(own['budgets']).flatMap(budgetOf),
      rateLimits: entriesOf(own['rate_limits']).flatMap(rateLimitOf),
    };
  }
  const told = await unlessRefused(
    client.json('/api/ai-gateway/v2/coding-agent-configs:recommendModel', {
      method: 'POST',
      body: { available_models: [] },
    }),
  );
  const threshold = asText(told?.['effective_threshold']);
  if (told === undefined || threshold === undefined) return undefined;
  const spent = asText(told['current_spend']) ?? '0';
  const remaining = String(Math.max(0, Number(threshold) - Number(spent)));
  const budget = { name: 'budget', period: null, perUser: true, spent, threshold, remaining, blocks: null };
  return { budgets: [{ ...budget, resetsAt: null }], rateLimits: [] };
}

function budgetOf(entry: Readonly<Record<string, unknown>>): BudgetLine[] {
  const threshold = asText(entry['quantity_threshold']);
  if (threshold === undefined) return [];
  return [
    {
      name: printable(asText(entry['display_name']) ?? 'budget'),
      period: asText(entry['time_period'])?.toLowerCase() ?? null,
      perUser: entry['scope_type'] === 'PER_USER',
      spent: asText(entry['spent']) ?? '0',
      threshold,
      remaining: asText(entry['remaining']) ?? '0',
      blocks: typeof entry['blocks_usage'] === 'boolean' ? entry['blocks_usage'] : null,
      resetsAt: asText(entry['resets_at']) ?? null,
    },
  ];
}

function rateLimitOf(entry: Readonly<Record<string, unknown>>): RateLimitLine[] {
  const [service, limit] = [asText(entry['name']), count(entry['limit'])];
  if (service === undefined || limit === null) return [];
  const scopeName = asText(entry['scope_name']);
  return [
    {
      service: printable(service),
      scope: (asText(entry['scope']) ?? 'service').toLowerCase(),
      scopeName: scopeName === undefined ? null : printable(scopeName),
      key: entry['key'] === 'tokens' ? 'tokens' : 'requests',
      window: entry['window'] === 'HOUR' ? 'hour' : 'minute',
      limit,
      used: count(entry['used']),
      remaining: count(entry['remaining']),
      resetsAt: asText(entry['resets_at']) ?? null,
    },
  ];
}

function count(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function entriesOf(list: unknown): Record<string, unknown>[] {
  return (Array.isArray(list) ? list : []).map(asObject).filter((entry) => entry !== undefined);
}

/** `undefined` where a workspace does not have or does not allow it; usage is shown all the same. */
async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof WorkspaceError && error.kind !== 'unauthenticated') return undefined;
    throw error;
  }
}
