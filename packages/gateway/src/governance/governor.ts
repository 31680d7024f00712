import { GatewayError } from '../errors/gateway-error.ts';
import type { Admission, AdmissionRequest, Rule, RuleSource, Settlement } from './admission.ts';
import {
  CountersUnavailable,
  type Correction,
  type Counters,
  type Decision,
  type Reading,
} from './counters/counters.ts';

export interface GovernorOptions {
  readonly counters: Counters;
  readonly sources: readonly RuleSource[];
  /** Whether requests go on uncounted while the counters cannot be reached. Asked at that moment. */
  readonly openWhenUnavailable: () => boolean;
  /** Told each time the counters could not be reached. */
  readonly onUnavailable?: (error: CountersUnavailable) => void;
}

/** Holds requests against rate limits and budgets: all of their rules in one decision. */
export class Governor {
  readonly #options: GovernorOptions;

  constructor(options: GovernorOptions) {
    this.#options = options;
  }

  /**
   * Admits the request, with what it is expected to use reserved, or refuses it. Synchronous where nothing applies
   * or the counts are in memory.
   * @throws GatewayError `policy_rate_limited`, `policy_budget_exhausted`, `gateway_counters_unavailable`
   */
  admit(request: AdmissionRequest): Admission | Promise<Admission> {
    const rules: Rule[] = [];
    for (const source of this.#options.sources) for (const rule of source.rulesFor(request)) rules.push(rule);
    if (rules.length === 0) return UNRULED;
    const groups = rules.map((rule) => rule.group);
    try {
      const decision = this.#options.counters.reserve(groups, request.at);
      if (!(decision instanceof Promise)) return this.#decided(rules, decision, request.at);
      return decision.then(
        (made) => this.#decided(rules, made, request.at),
        (error: unknown) => this.#unavailable(error),
      );
    } catch (error) {
      return this.#unavailable(error);
    }
  }

  #decided(rules: readonly Rule[], decision: Decision, at: number): Admission {
    if (!decision.admitted) throw refusalOf(rules, decision);
    return new Reservation(rules, decision.readings, decision.at ?? at, this.#options.counters);
  }

  #unavailable(error: unknown): Admission {
    if (!(error instanceof CountersUnavailable)) throw error;
    this.#options.onUnavailable?.(error);
    if (this.#options.openWhenUnavailable()) return UNRULED;
    throw new GatewayError(
      'gateway_counters_unavailable',
      'The gateway cannot check limits and budgets at the moment and serves nothing unchecked. Try again.',
      { retryAfterSeconds: 2, cause: error },
    );
  }
}

/** No rule applies, so there is nothing to give back. */
const UNRULED: Admission = { readings: [], settle() {} };

/** The refusal of the rule without room; of several charges that would do, the one with room the soonest speaks. */
function refusalOf(rules: readonly Rule[], decision: Extract<Decision, { admitted: false }>): GatewayError {
  const rule = rules[decision.refusedBy];
  const first = rules.slice(0, decision.refusedBy).reduce((count, { group }) => count + group.anyOf.length, 0);
  const candidates = (rule?.group.anyOf ?? []).map((charge, index) => ({
    charge,
    reading: decision.readings[first + index] ?? { used: charge.limit, resetMs: decision.retryAfterMs },
  }));
  const soonest = candidates.toSorted((left, right) => left.reading.resetMs - right.reading.resetMs)[0];
  if (rule === undefined || soonest === undefined) throw new Error('A decision names no rule.');
  return rule.refusal(soonest.charge, soonest.reading, decision.retryAfterMs);
}

class Reservation implements Admission {
  readonly readings: Admission['readings'];
  readonly #at: number;
  readonly #counters: Counters;
  #settled = false;

  constructor(rules: readonly Rule[], readings: readonly Reading[], at: number, counters: Counters) {
    const held: Admission['readings'][number][] = [];
    for (const rule of rules) {
      for (const charge of rule.group.anyOf) {
        held.push({ rule, charge, reading: readings[held.length] ?? { used: 0, resetMs: 0 } });
      }
    }
    this.readings = held;
    this.#at = at;
    this.#counters = counters;
  }

  settle(settlements: readonly Settlement[]): void {
    if (this.#settled) return;
    this.#settled = true;
    const corrections: Correction[] = [];
    for (const { rule, charge } of this.readings) {
      const amount = rule.settled(charge, settlements) - charge.amount;
      if (amount !== 0) corrections.push({ key: charge.key, window: charge.window, amount, at: this.#at });
    }
    if (corrections.length > 0) this.#counters.correct(corrections);
  }
}
