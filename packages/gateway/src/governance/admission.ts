import type { Principal } from '../identity/principal.ts';
import type { TokenUsage } from '../ir/usage.ts';
import type { Charge, ChargeGroup, Reading } from './counters/counters.ts';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { ResolvedService } from './resolve-service.ts';

/** A request that asks to be admitted: caller known, service found and permitted. */
export interface AdmissionRequest {
  readonly principal: Principal;
  readonly resolved: ResolvedService;
  readonly tags: Readonly<Record<string, string>>;
  /** Id of the agent (`claude-code`), where known. */
  readonly agent: string | undefined;
  /** Costs nothing and counts as no request, as counting tokens: only what denies everything applies. */
  readonly isFree?: boolean;
  /** Tokens expected, for the reservation. */
  readonly estimate: { readonly input: number; readonly output: number };
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How a request ended, for the settlement. Told once for each invocation that reached a provider. */
export interface Settlement {
  /** What the provider reported, or the estimate of what was really produced. `undefined`: nothing was used. */
  readonly usage: TokenUsage | undefined;
  /** Exact US dollars as in the usage record; `null` where no price is known. */
  readonly costUsd: string | null;
}

/** A rule that a request is held against: a rate limit or a budget. */
export interface Rule {
  readonly kind: 'rate-limit' | 'budget';
  readonly group: ChargeGroup;
  /** The refusal where the group has no room. `charge` is the one with the shortest wait. */
  refusal(charge: Charge, reading: Reading, retryAfterMs: number): GatewayError;
  /**
   * What a charge should have counted instead of its reservation, once the request has ended.
   * @param settlements of all invocations; empty where no provider was reached.
   */
  settled(charge: Charge, settlements: readonly Settlement[]): number;
}

/** Finds the rules that a request is held against: one for rate limits, one for budgets. Pure, from memory. */
export interface RuleSource {
  rulesFor(request: AdmissionRequest): readonly Rule[];
}

/** What an admitted request holds until it is settled. */
export interface Admission {
  /** The readings of every charge at admission, with their rules: response headers are made of them. */
  readonly readings: readonly { readonly rule: Rule; readonly charge: Charge; readonly reading: Reading }[];
  /** Gives the reservation back for what was really used. Once; later calls have no effect. Never throws. */
  settle(settlements: readonly Settlement[]): void;
}
