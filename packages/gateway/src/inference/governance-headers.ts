import type { Dialect } from '../dialects/dialect.ts';
import type { GatewayError } from '../errors/gateway-error.ts';
import { standingOfRefusal } from '../governance/budgets/budget-standing.ts';
import { standingOf } from '../governance/budgets/fullest-standing.ts';
import { rateLimitState } from '../governance/limits/rate-limit-state.ts';
import { refusedState } from '../governance/limits/refused-state.ts';
import type { RequestContext } from './request-context.ts';

/** Headers in which providers tell of limits of their own; ours stand in their place where the caller has limits here. */
const PROVIDER_LIMITS = /^(?:anthropic-ratelimit-(?!unified-)|x-ratelimit-)/;
const PROVIDER_BUDGET = /^anthropic-ratelimit-unified-/;

/** Puts what limits and budgets leave to the caller among the headers of an answer, in place. */
export function addGovernanceHeaders(
  headers: Record<string, string | string[]>,
  { admission, dialect, receivedAt }: Pick<RequestContext, 'admission' | 'dialect' | 'receivedAt'>,
): void {
  if (admission === undefined || admission.readings.length === 0) return;
  const state = rateLimitState(admission.readings, receivedAt);
  if (state !== undefined) replace(headers, PROVIDER_LIMITS, dialect.rateLimitHeaders(state));
  const standing = standingOf(admission.readings);
  if (standing !== undefined) replace(headers, PROVIDER_BUDGET, dialect.budgetHeaders(standing));
}

/** The same for a refusal by a limit or a budget; nothing for other errors. */
export function refusalHeaders(error: GatewayError, dialect: Dialect): Record<string, string> {
  const state = refusedState(error);
  const standing = standingOfRefusal(error);
  return {
    ...(state === undefined ? {} : dialect.rateLimitHeaders(state)),
    ...(standing === undefined ? {} : dialect.budgetHeaders(standing)),
  };
}

function replace(
  headers: Record<string, string | string[]>,
  theirs: RegExp,
  ours: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(headers)) if (theirs.test(name)) delete headers[name];
  Object.assign(headers, ours);
}
