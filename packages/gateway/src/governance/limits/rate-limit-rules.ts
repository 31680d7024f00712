import type { RateLimit } from '../../config/rate-limit-schema.ts';
import type { AdmissionRequest, RuleSource } from '../admission.ts';
import type { ChargeGroup } from '../counters/counters.ts';
import { compileLimits, type CompiledLimits } from './compile-limits.ts';
import { conditionsWithoutTags, tagConditions, type Condition, type LimitedCall } from './limit-conditions.ts';
import { RateLimitRule } from './rate-limit-rule.ts';

export interface RateLimitOptions {
  /** What a token read from the prompt cache counts, 0 to 1. Asked for each request. */
  readonly cacheReadWeight: () => number;
}

/**
 * Rate limits of model services, and of provider services that are called directly (unity-ai-gateway 6.1, 6.2).
 * Requests and tokens are resolved apart, and a limit of each period is a condition of its own:
 *
 * 1. Limits of the service hold for every request.
 * 2. Of a user, or service principal, the limits it has itself; else those of its groups; else the default for users,
 *    which is one for service principals too.
 * 3. A member of several limited groups needs room in one of them for each unit and period, and counts in all of them.
 * 4. For each tag that the request carries: the limits of its value, else the tag's own. Counted for each value apart.
 *
 * Tokens are reserved by estimate, at most the whole limit, since a request that is expected to be larger would never
 * get in; what it took is counted in the end, cache reads by their weight.
 */
export class RateLimitRules implements RuleSource {
  readonly #options: RateLimitOptions;
  /** By the list itself: a changed service has a new one. */
  readonly #compiled = new WeakMap<readonly RateLimit[], CompiledLimits>();
  readonly #conditions = new WeakMap<CompiledLimits, WeakMap<LimitedCall['principal'], readonly Condition[]>>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  rulesFor(request: AdmissionRequest): readonly RateLimitRule[] {
    const rules: RateLimitRule[] = [];
    for (const condition of this.conditionsFor(request)) {
      const rule = this.#rule(request, condition);
      if (rule !== undefined) rules.push(rule);
    }
    return rules;
  }

  /**
   * All conditions that a caller's requests to a service are held against. Those that no tag makes are always the same,
   * so they are kept as long as the limits and the caller.
   */
  conditionsFor(call: LimitedCall): readonly Condition[] {
    const { rateLimits } = call.resolved.service;
    if (rateLimits === undefined || rateLimits.length === 0) return [];
    let compiled = this.#compiled.get(rateLimits);
    if (compiled === undefined) this.#compiled.set(rateLimits, (compiled = compileLimits(rateLimits)));
    let byPrincipal = this.#conditions.get(compiled);
    if (byPrincipal === undefined) this.#conditions.set(compiled, (byPrincipal = new WeakMap()));
    let known = byPrincipal.get(call.principal);
    if (known === undefined) byPrincipal.set(call.principal, (known = conditionsWithoutTags(compiled, call)));
    return compiled.tags.size === 0 ? known : [...known, ...tagConditions(compiled, call)];
  }

  /** `undefined` where the request uses nothing of the unit and is not denied. */
  #rule(request: AdmissionRequest, { scope, unit, charges }: Condition): RateLimitRule | undefined {
    const { input, output } = request.estimate;
    const estimate = request.isFree === true ? 0 : unit === 'requests' ? 1 : Math.ceil(input + output);
    if (!(estimate > 0) && charges.some(({ limit }) => limit > 0)) return undefined;
    const group: ChargeGroup = {
      anyOf: charges.map(({ key, window, limit }) => ({ key, window, limit, amount: Math.min(estimate, limit) })),
    };
    return new RateLimitRule({ group, unit, scope, request, cacheReadWeight: this.#options.cacheReadWeight() });
  }
}
