import { createHash } from 'node:crypto';
import type { RateLimit } from '../../config/rate-limit-schema.ts';
import type { AdmissionRequest, RuleSource } from '../admission.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Charge, ChargeGroup } from '../counters/counters.ts';
import {
  compileLimits,
  firstOf,
  type CompiledLimit,
  type CompiledLimits,
  type LimitUnit,
  type ScopeLimits,
} from './compile-limits.ts';
import { RateLimitRule, type LimitScope } from './rate-limit-rule.ts';

const UNITS: readonly LimitUnit[] = ['requests', 'tokens'];
/** Longer values of tags are counted by their hash: callers choose them, and keys are kept. */
const LONGEST_VALUE = 64;

export interface RateLimitOptions {
  /** What a token read from the prompt cache counts, 0 to 1. Asked for each request. */
  readonly cacheReadWeight: () => number;
}

/** A scope of limits for one request: whose count, and in the refusal's words. */
interface Held {
  readonly scope: LimitScope;
  /** Whose count it is, after service and unit. */
  readonly counted: string;
  readonly limits: ScopeLimits;
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
  readonly #conditions = new WeakMap<CompiledLimits, WeakMap<Principal, readonly Condition[]>>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  rulesFor(request: AdmissionRequest): readonly RateLimitRule[] {
    const { service } = request.resolved;
    const { rateLimits } = service;
    if (rateLimits === undefined || rateLimits.length === 0) return [];
    let compiled = this.#compiled.get(rateLimits);
    if (compiled === undefined) {
      compiled = compileLimits(rateLimits);
      this.#compiled.set(rateLimits, compiled);
    }
    const conditions = this.#conditionsOf(compiled, request);
    const rules: RateLimitRule[] = [];
    for (const condition of conditions) {
      const rule = this.#rule(request, condition);
      if (rule !== undefined) rules.push(rule);
    }
    return rules;
  }

  /** Of a caller, those that no tag makes are always the same, so they are kept as long as the limits and the caller. */
  #conditionsOf(compiled: CompiledLimits, request: AdmissionRequest): readonly Condition[] {
    let byPrincipal = this.#conditions.get(compiled);
    if (byPrincipal === undefined) this.#conditions.set(compiled, (byPrincipal = new WeakMap()));
    let known = byPrincipal.get(request.principal);
    if (known === undefined) byPrincipal.set(request.principal, (known = conditionsWithoutTags(compiled, request)));
    return compiled.tags.size === 0 ? known : [...known, ...tagConditions(compiled, request)];
  }

  /** `undefined` where the request uses nothing of the unit and is not denied. */
  #rule(request: AdmissionRequest, { scope, unit, charges }: Condition): RateLimitRule | undefined {
    const { input, output } = request.estimate;
    const estimate = unit === 'requests' ? 1 : Math.ceil(input + output);
    if (!(estimate > 0) && charges.some(({ limit }) => limit > 0)) return undefined;
    const group: ChargeGroup = {
      anyOf: charges.map(({ key, window, limit }) => ({ key, window, limit, amount: Math.min(estimate, limit) })),
    };
    return new RateLimitRule({ group, unit, scope, request, cacheReadWeight: this.#options.cacheReadWeight() });
  }
}

/** A condition of admission, before it is known how large the request is. */
interface Condition {
  readonly scope: LimitScope;
  readonly unit: LimitUnit;
  readonly charges: readonly Omit<Charge, 'amount'>[];
}

function conditionsWithoutTags(compiled: CompiledLimits, request: AdmissionRequest): Condition[] {
  const conditions = [...scopesOf(compiled, request)].flatMap((held) => conditionsOfScope(held, request));
  const ofGroups = groupCharges(compiled, request).map((charges) => condition('user group', charges, request));
  return [...conditions, ...ofGroups];
}

function tagConditions(compiled: CompiledLimits, request: AdmissionRequest): Condition[] {
  return [...tagsOf(compiled, request)].flatMap((held) => conditionsOfScope(held, request));
}

function conditionsOfScope({ scope, counted, limits }: Held, request: AdmissionRequest): Condition[] {
  return UNITS.flatMap((unit) => limits[unit].map((limit) => condition(scope, [[counted, limit]], request)));
}

function condition(
  scope: LimitScope,
  charges: readonly (readonly [counted: string, limit: CompiledLimit])[],
  { resolved }: AdmissionRequest,
): Condition {
  const unit = charges[0]?.[1].unit ?? 'requests';
  const of = `${resolved.kind === 'model-service' ? 'm' : 'p'}|${resolved.service.name.toLowerCase()}`;
  return {
    scope,
    unit,
    charges: charges.map(([counted, { windowMs, limit }]) => ({
      key: `rate|${of}|${unit}|${counted}`,
      window: { kind: 'rolling', ms: windowMs },
      limit,
    })),
  };
}

/** What the request is held against one by one: the service and its caller. Groups and tags are apart. */
function* scopesOf(compiled: CompiledLimits, request: AdmissionRequest): Generator<Held> {
  const { principal } = request;
  yield { scope: 'endpoint', counted: 'service', limits: compiled.service };
  const own = ownLimits(compiled, request);
  const fallback = beyondGroups(compiled, request);
  const scope = principal.type === 'USER' ? 'user' : 'service principal';
  yield { scope, counted: `principal|${principal.id}`, limits: firstOf(own, fallback) };
}

/** The tags of the request that are limited. */
function* tagsOf(compiled: CompiledLimits, { tags }: AdmissionRequest): Generator<Held> {
  for (const [key, limits] of compiled.tags) {
    const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
    if (value === undefined) continue;
    const counted = `tag|${JSON.stringify([key, shortened(value)])}`;
    yield { scope: 'request tag', counted, limits: firstOf(limits.byValue.get(value), limits.other) };
  }
}

function ownLimits({ users, servicePrincipals }: CompiledLimits, { principal }: AdmissionRequest) {
  return (principal.type === 'USER' ? users : servicePrincipals).get(principal.userName.toLowerCase());
}

/** The default for users, in the units that no group of the caller limits. */
function beyondGroups(compiled: CompiledLimits, request: AdmissionRequest): ScopeLimits {
  const groups = groupsOf(compiled, request);
  const pick = (unit: LimitUnit): readonly CompiledLimit[] =>
    groups.some(([, limits]) => limits[unit].length > 0) ? [] : compiled.userDefault[unit];
  return { requests: pick('requests'), tokens: pick('tokens') };
}

/** For each unit and period that groups limit and the caller itself does not: the charges of all those groups. */
function groupCharges(
  compiled: CompiledLimits,
  request: AdmissionRequest,
): readonly (readonly (readonly [counted: string, limit: CompiledLimit])[])[] {
  const own = ownLimits(compiled, request);
  const byKind = new Map<string, (readonly [string, CompiledLimit])[]>();
  for (const [name, limits] of groupsOf(compiled, request)) {
    for (const unit of UNITS) {
      if ((own?.[unit].length ?? 0) > 0) continue;
      for (const limit of limits[unit]) {
        const kind = `${unit} ${limit.windowMs}`;
        const list = byKind.get(kind);
        const charge = [`group|${name}`, limit] as const;
        if (list === undefined) byKind.set(kind, [charge]);
        else list.push(charge);
      }
    }
  }
  return [...byKind.values()];
}

/** The limited groups that the caller belongs to, each once. */
function groupsOf({ groups }: CompiledLimits, { principal }: AdmissionRequest): readonly [string, ScopeLimits][] {
  if (groups.size === 0) return [];
  const found = new Map<string, ScopeLimits>();
  for (const group of principal.groups) {
    const name = group.toLowerCase();
    const limits = groups.get(name);
    if (limits !== undefined) found.set(name, limits);
  }
  return [...found];
}

function shortened(value: string): string {
  return value.length <= LONGEST_VALUE ? value : `sha256:${createHash('sha256').update(value).digest('hex')}`;
}
