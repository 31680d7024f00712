import type { GatewayConfig } from '../../config/gateway-config.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Caller } from '../../unity/caller.ts';
import type { ServiceRights } from '../../unity/catalog.ts';
import { CountersUnavailable, type Charge, type Counters, type Reading } from '../counters/counters.ts';
import type { ResolvedService } from '../resolve-service.ts';
import type { LimitScope } from './limit-conditions.ts';
import type { RateLimitRules } from './rate-limit-rules.ts';
import { readingOf } from './refused-state.ts';

/** How one rate limit stands that applies to somebody. */
export interface LimitLine {
  /** Full name of the service whose limit it is. */
  readonly name: string;
  /** Whose requests are counted together. */
  readonly scope: (typeof SCOPES)[LimitScope];
  /** The group's name, or the tag as `key=value`; `null` for service and caller. */
  readonly scope_name: string | null;
  readonly key: 'requests' | 'tokens';
  /** It rolls: the time up to now. */
  readonly window: 'MINUTE' | 'HOUR';
  /** 0 denies. */
  readonly limit: number;
  /** With what requests under way are expected to use; `null` while the counts cannot be reached. */
  readonly used: number | null;
  readonly remaining: number | null;
  /** ISO 8601, UTC: when what is counted begins to leave the window; `null` where nothing is counted. */
  readonly resets_at: string | null;
}

/** The scopes by the names that the REST API has for them. */
const SCOPES = {
  endpoint: 'SERVICE',
  user: 'USER',
  'service principal': 'SERVICE_PRINCIPAL',
  'user group': 'USER_GROUP',
  'request tag': 'REQUEST_TAG',
} as const;

/** Somebody whose limits are asked for. */
export type Limited = Pick<Principal, 'id' | 'userName' | 'type' | 'groups'>;

export interface CallerLimitsOptions {
  readonly rules: RateLimitRules;
  readonly counters: Pick<Counters, 'read'>;
  /** In force at this moment. */
  readonly config: () => Pick<GatewayConfig, 'modelServices' | 'providerServices'>;
  readonly rights: (caller: Caller) => Pick<ServiceRights, 'mayExecute'>;
  readonly now?: () => number;
}

/** What is told of somebody's rate limits. */
export interface LimitView {
  /**
   * The limits of every service that somebody may call, the fullest first.
   * @param tags of the requests that are meant; without them no limit of a request tag applies.
   */
  linesOf(limited: Limited, tags: Readonly<Record<string, string>>): Promise<readonly LimitLine[]>;
}

/** Tells which rate limits apply to somebody, and what they leave. Counts nothing. */
export class CallerLimits implements LimitView {
  readonly #options: CallerLimitsOptions;

  constructor(options: CallerLimitsOptions) {
    this.#options = options;
  }

  async linesOf(limited: Limited, tags: Readonly<Record<string, string>>): Promise<readonly LimitLine[]> {
    const { rules, now = Date.now } = this.#options;
    const asked = this.#callable(limited).flatMap((resolved) =>
      rules
        .conditionsFor({ principal: limited, resolved, tags })
        .flatMap(({ scope, unit, charges }) =>
          charges.map((charge) => ({ name: resolved.service.name, scope, unit, charge })),
        ),
    );
    if (asked.length === 0) return [];
    const at = now();
    const readings = await this.#read(
      asked.map(({ charge }) => charge),
      at,
    );
    return asked
      .map(({ name, scope, unit, charge: { limit, window, of } }, index): LimitLine => {
        const reading = readings?.[index];
        const left = reading && readingOf({ limit }, reading, at);
        return {
          name,
          scope: SCOPES[scope],
          scope_name: of ?? null,
          key: unit,
          window: window.kind === 'rolling' && window.ms <= 60_000 ? 'MINUTE' : 'HOUR',
          limit,
          used: reading?.used ?? null,
          remaining: left?.remaining ?? null,
          resets_at: reading && left && reading.used > 0 ? new Date(left.resetAt).toISOString() : null,
        };
      })
      .toSorted((a, b) => shareOf(b) - shareOf(a));
  }

  #callable(limited: Limited): ResolvedService[] {
    const { config, rights } = this.#options;
    const { modelServices, providerServices } = config();
    const held = rights(limited);
    return [
      ...modelServices
        .filter(({ name }) => held.mayExecute('MODEL_SERVICE', name))
        .map((service): ResolvedService => ({ kind: 'model-service', service })),
      ...providerServices
        .filter(({ name }) => held.mayExecute('MODEL_PROVIDER_SERVICE', name))
        .map((service): ResolvedService => ({ kind: 'provider-service', service, model: '' })),
    ];
  }

  /** `undefined` where the counts cannot be reached: which limits there are is told all the same. */
  async #read(charges: readonly Pick<Charge, 'key' | 'window'>[], at: number): Promise<readonly Reading[] | undefined> {
    try {
      return await this.#options.counters.read(charges, at);
    } catch (error) {
      if (error instanceof CountersUnavailable) return undefined;
      throw error;
    }
  }
}

function shareOf({ limit, used }: LimitLine): number {
  return limit === 0 ? Infinity : (used ?? 0) / limit;
}
