import { createHash } from 'node:crypto';
import type { AdmissionRequest } from '../admission.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Charge } from '../counters/counters.ts';
import {
  firstOf,
  type CompiledLimit,
  type CompiledLimits,
  type LimitUnit,
  type ScopeLimits,
} from './compile-limits.ts';

const UNITS: readonly LimitUnit[] = ['requests', 'tokens'];
/** Longer values of tags are counted by their hash: callers choose them, and keys are kept. */
const LONGEST_VALUE = 64;

/** What the refusal names after `for`: the vendor's `endpoint` and `user` (unity-ai-gateway 2.3), ours in its manner. */
export type LimitScope = 'endpoint' | 'user' | 'service principal' | 'user group' | 'request tag';

/** Who calls what: all that decides which limits apply. */
export interface LimitedCall extends Pick<AdmissionRequest, 'resolved' | 'tags'> {
  readonly principal: Pick<Principal, 'id' | 'userName' | 'type' | 'groups'>;
}

/** Whose count of a limit it is. */
interface Counted {
  /** After service and unit, in the key of the count. */
  readonly key: string;
  /** As in `ConditionCharge`. */
  readonly of: string | undefined;
}

/** A scope of limits for one request. */
interface Held {
  readonly scope: LimitScope;
  readonly counted: Counted;
  readonly limits: ScopeLimits;
}

/** One count that a condition is about. */
export interface ConditionCharge extends Omit<Charge, 'amount'> {
  /** The group's name, or the tag as `key=value`; `undefined` for service and caller. */
  readonly of: string | undefined;
}

/** A condition of admission, before it is known how large the request is: one of the charges must have room. */
export interface Condition {
  readonly scope: LimitScope;
  readonly unit: LimitUnit;
  readonly charges: readonly ConditionCharge[];
}

/** What no tag makes: of the service, the caller and its groups. Always the same for a caller and a service. */
export function conditionsWithoutTags(compiled: CompiledLimits, request: LimitedCall): Condition[] {
  const conditions = [...scopesOf(compiled, request)].flatMap((held) => conditionsOfScope(held, request));
  const ofGroups = groupCharges(compiled, request).map((charges) => condition('user group', charges, request));
  return [...conditions, ...ofGroups];
}

/** What the tags of the request make. */
export function tagConditions(compiled: CompiledLimits, request: LimitedCall): Condition[] {
  return [...tagsOf(compiled, request)].flatMap((held) => conditionsOfScope(held, request));
}

function conditionsOfScope({ scope, counted, limits }: Held, request: LimitedCall): Condition[] {
  return UNITS.flatMap((unit) => limits[unit].map((limit) => condition(scope, [[counted, limit]], request)));
}

function condition(
  scope: LimitScope,
  charges: readonly (readonly [counted: Counted, limit: CompiledLimit])[],
  { resolved }: LimitedCall,
): Condition {
  const unit = charges[0]?.[1].unit ?? 'requests';
  const of = `${resolved.kind === 'model-service' ? 'm' : 'p'}|${resolved.service.name.toLowerCase()}`;
  return {
    scope,
    unit,
    charges: charges.map(([counted, { windowMs, limit }]) => ({
      key: `rate|${of}|${unit}|${counted.key}`,
      of: counted.of,
      window: { kind: 'rolling', ms: windowMs },
      limit,
    })),
  };
}

/** What the request is held against one by one: the service and its caller. Groups and tags are apart. */
function* scopesOf(compiled: CompiledLimits, request: LimitedCall): Generator<Held> {
  const { principal } = request;
  yield { scope: 'endpoint', counted: { key: 'service', of: undefined }, limits: compiled.service };
  const own = ownLimits(compiled, request);
  const fallback = beyondGroups(compiled, request);
  const scope = principal.type === 'USER' ? 'user' : 'service principal';
  yield { scope, counted: { key: `principal|${principal.id}`, of: undefined }, limits: firstOf(own, fallback) };
}

/** The tags of the request that are limited. */
function* tagsOf(compiled: CompiledLimits, { tags }: LimitedCall): Generator<Held> {
  for (const [key, limits] of compiled.tags) {
    const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
    if (value === undefined) continue;
    const counted = { key: `tag|${JSON.stringify([key, shortened(value)])}`, of: `${key}=${value}` };
    yield { scope: 'request tag', counted, limits: firstOf(limits.byValue.get(value), limits.other) };
  }
}

function ownLimits({ users, servicePrincipals }: CompiledLimits, { principal }: LimitedCall) {
  return (principal.type === 'USER' ? users : servicePrincipals).get(principal.userName.toLowerCase());
}

/** The default for users, in the units that no group of the caller limits. */
function beyondGroups(compiled: CompiledLimits, request: LimitedCall): ScopeLimits {
  const groups = groupsOf(compiled, request);
  const pick = (unit: LimitUnit): readonly CompiledLimit[] =>
    groups.some(([, limits]) => limits[unit].length > 0) ? [] : compiled.userDefault[unit];
  return { requests: pick('requests'), tokens: pick('tokens') };
}

/** For each unit and period that groups limit and the caller itself does not: the charges of all those groups. */
function groupCharges(
  compiled: CompiledLimits,
  request: LimitedCall,
): readonly (readonly (readonly [counted: Counted, limit: CompiledLimit])[])[] {
  const own = ownLimits(compiled, request);
  const byKind = new Map<string, (readonly [Counted, CompiledLimit])[]>();
  for (const [name, limits] of groupsOf(compiled, request)) {
    for (const unit of UNITS) {
      if ((own?.[unit].length ?? 0) > 0) continue;
      for (const limit of limits[unit]) {
        const kind = `${unit} ${limit.windowMs}`;
        const list = byKind.get(kind);
        const charge = [{ key: `group|${name.toLowerCase()}`, of: name }, limit] as const;
        if (list === undefined) byKind.set(kind, [charge]);
        else list.push(charge);
      }
    }
  }
  return [...byKind.values()];
}

/** The limited groups that the caller belongs to, each once. */
function groupsOf({ groups }: CompiledLimits, { principal }: LimitedCall): readonly [string, ScopeLimits][] {
  if (groups.size === 0) return [];
  const found = new Map<ScopeLimits, string>();
  for (const group of principal.groups) {
    const limits = groups.get(group.toLowerCase());
    if (limits !== undefined) found.set(limits, group);
  }
  return [...found].map(([limits, group]) => [group, limits]);
}

function shortened(value: string): string {
  return value.length <= LONGEST_VALUE ? value : `sha256:${createHash('sha256').update(value).digest('hex')}`;
}
