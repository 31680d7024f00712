import type { Principal } from '../../identity/principal.ts';

/** What a caller has spent, and where it is stopped. Amounts are US dollars as exact decimal strings. */
export interface CallerSpend {
  /** Spent under the budget that `effectiveThreshold` is of; under none, everything since the month began (UTC). */
  readonly currentSpend: string;
  /** The threshold that is nearest, of the budgets that apply to the caller; `undefined` where none does. */
  readonly effectiveThreshold: string | undefined;
}

/** Tells what callers have spent: `coding-agent-configs:recommendModel` asks it (workspace-contract 7.3). */
export interface SpendSource {
  /** Exact to a few seconds; never throws for somebody unknown. Rejects where the counts cannot be reached. */
  spendOf(principal: Principal): Promise<CallerSpend>;
}
