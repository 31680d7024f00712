import { GatewayError } from '../../errors/gateway-error.ts';
import type { AdmissionRequest, Rule, Settlement } from '../admission.ts';
import type { Charge, ChargeGroup, Reading } from '../counters/counters.ts';
import type { LimitUnit } from './compile-limits.ts';
import type { LimitScope } from './limit-conditions.ts';
import { noteRefusal } from './refused-state.ts';

const UNIT_NAMES = {
  requests: { minute: 'Requests-per-minute (RPM)', hour: 'Requests-per-hour (RPH)' },
  tokens: { minute: 'Tokens-per-minute (TPM)', hour: 'Tokens-per-hour (TPH)' },
} as const;

export interface RateLimitRuleOptions {
  readonly group: ChargeGroup;
  readonly unit: LimitUnit;
  readonly scope: LimitScope;
  readonly request: AdmissionRequest;
  readonly cacheReadWeight: number;
}

/** One condition of the rate limits, for one request. All charges of its group have the same unit and window. */
export class RateLimitRule implements Rule {
  readonly kind = 'rate-limit';
  readonly group: ChargeGroup;
  readonly unit: LimitUnit;
  readonly scope: LimitScope;
  readonly #request: AdmissionRequest;
  readonly #cacheReadWeight: number;

  constructor({ group, unit, scope, request, cacheReadWeight }: RateLimitRuleOptions) {
    this.group = group;
    this.unit = unit;
    this.scope = scope;
    this.#request = request;
    this.#cacheReadWeight = cacheReadWeight;
  }

  /**
   * The vendor's words. A limit of 0 is a denial and no wait: `policy_rate_denied`, which dialects encode so that
   * agents stop, without `retry-after`, which some of them would sit out whatever its length (agents.md 8).
   */
  refusal(charge: Charge, reading: Reading, retryAfterMs: number): GatewayError {
    const { resolved, at } = this.#request;
    const period = charge.window.kind === 'rolling' && charge.window.ms <= 60_000 ? 'minute' : 'hour';
    const name = UNIT_NAMES[this.unit][period];
    const message = `User defined rate limit(s) exceeded for '${resolved.service.name}'. ${name} rate limit exceeded for ${this.scope}`;
    const error = Number.isFinite(retryAfterMs)
      ? new GatewayError('policy_rate_limited', message, {
          retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)),
        })
      : new GatewayError('policy_rate_denied', message);
    noteRefusal(error, this.unit, charge, reading, at);
    return error;
  }

  /** Requests count whatever became of them; tokens only as far as a provider was reached. */
  settled(charge: Charge, settlements: readonly Settlement[]): number {
    if (this.unit === 'requests') return charge.amount;
    return Math.ceil(settlements.reduce((sum, settlement) => sum + this.#tokensOf(settlement), 0));
  }

  /** What is unknown of a usage counts as it was estimated. */
  #tokensOf({ usage }: Settlement): number {
    if (usage === undefined) return 0;
    const { estimate } = this.#request;
    const input = usage.input ?? estimate.input;
    const cached = Math.min(input, usage.cacheRead ?? 0);
    return input - cached + cached * this.#cacheReadWeight + (usage.output ?? estimate.output);
  }
}
