import type { RateLimit } from '../../config/rate-limit-schema.ts';

export type LimitUnit = 'requests' | 'tokens';

/** One number of a rate limit: so many of a unit in a rolling window. */
export interface CompiledLimit {
  readonly unit: LimitUnit;
  readonly windowMs: number;
  readonly limit: number;
}

/** The limits of one scope. What a more specific scope says of a unit replaces what a wider one says of it. */
export type ScopeLimits = Readonly<Record<LimitUnit, readonly CompiledLimit[]>>;

/** The limits for the values of one request tag. */
export interface TagLimits {
  readonly byValue: ReadonlyMap<string, ScopeLimits>;
  /** For each value that has none of its own. */
  readonly other: ScopeLimits;
}

/** A service's rate limits, found by who calls. Names of principals in lower case; tags as they are. */
export interface CompiledLimits {
  readonly service: ScopeLimits;
  readonly userDefault: ScopeLimits;
  readonly users: ReadonlyMap<string, ScopeLimits>;
  readonly servicePrincipals: ReadonlyMap<string, ScopeLimits>;
  readonly groups: ReadonlyMap<string, ScopeLimits>;
  readonly tags: ReadonlyMap<string, TagLimits>;
}

const WINDOWS = {
  RATE_LIMIT_RENEWAL_PERIOD_MINUTE: 60_000,
  RATE_LIMIT_RENEWAL_PERIOD_HOUR: 3_600_000,
} as const;

const NONE: ScopeLimits = { requests: [], tokens: [] };

/** Sorts a service's rate limits by scope. */
export function compileLimits(limits: readonly RateLimit[]): CompiledLimits {
  const of = (key: RateLimit['key']): readonly RateLimit[] => limits.filter((limit) => limit.key === key);
  const byPrincipal = (key: RateLimit['key']): ReadonlyMap<string, ScopeLimits> =>
    grouped(of(key), (limit) => limit.principal?.toLowerCase());
  const tags = of('RATE_LIMIT_KEY_REQUEST_TAG');
  return {
    service: scope(of('RATE_LIMIT_KEY_SERVICE')),
    userDefault: scope(of('RATE_LIMIT_KEY_USER_DEFAULT')),
    users: byPrincipal('RATE_LIMIT_KEY_USER'),
    servicePrincipals: byPrincipal('RATE_LIMIT_KEY_SERVICE_PRINCIPAL'),
    groups: byPrincipal('RATE_LIMIT_KEY_USER_GROUP'),
    tags: new Map(
      [...listsBy(tags, (limit) => limit.requestTagKey)].map(([key, list]) => [
        key,
        {
          byValue: grouped(list, (limit) => limit.requestTagValue),
          other: scope(list.filter((limit) => limit.requestTagValue === undefined)),
        },
      ]),
    ),
  };
}

/** Of each unit, what the first scope that limits it says. */
export function firstOf(...scopes: readonly (ScopeLimits | undefined)[]): ScopeLimits {
  const pick = (unit: LimitUnit): readonly CompiledLimit[] =>
    scopes.find((one) => one !== undefined && one[unit].length > 0)?.[unit] ?? [];
  return { requests: pick('requests'), tokens: pick('tokens') };
}

function scope(limits: readonly RateLimit[]): ScopeLimits {
  if (limits.length === 0) return NONE;
  const pick = (unit: LimitUnit): readonly CompiledLimit[] =>
    limits.flatMap((limit) => {
      const most = limit[unit];
      return most === undefined ? [] : [{ unit, windowMs: WINDOWS[limit.period], limit: most }];
    });
  return { requests: pick('requests'), tokens: pick('tokens') };
}

function grouped(
  limits: readonly RateLimit[],
  nameOf: (limit: RateLimit) => string | undefined,
): ReadonlyMap<string, ScopeLimits> {
  return new Map([...listsBy(limits, nameOf)].map(([name, list]) => [name, scope(list)]));
}

function listsBy(
  limits: readonly RateLimit[],
  nameOf: (limit: RateLimit) => string | undefined,
): ReadonlyMap<string, readonly RateLimit[]> {
  const lists = new Map<string, RateLimit[]>();
  for (const limit of limits) {
    const name = nameOf(limit);
    if (name === undefined) continue;
    const list = lists.get(name);
    if (list === undefined) lists.set(name, [limit]);
    else list.push(limit);
  }
  return lists;
}
