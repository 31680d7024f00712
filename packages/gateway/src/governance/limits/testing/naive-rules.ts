import type { RateLimit } from '../../../config/rate-limit-schema.ts';
import type { Principal } from '../../../identity/principal.ts';

/** A condition: one of these pairs of whose count and limit has room. */
export interface NaiveCondition {
  readonly unit: 'requests' | 'tokens';
  readonly period: RateLimit['period'];
  /** `who limit`, sorted. */
  readonly anyOf: readonly string[];
}

const UNITS = ['requests', 'tokens'] as const;
const PERIODS = ['RATE_LIMIT_RENEWAL_PERIOD_MINUTE', 'RATE_LIMIT_RENEWAL_PERIOD_HOUR'] as const;

/** The precedence of unity-ai-gateway 6.2, said sentence by sentence, looking through every limit each time. */
export function naiveConditions(
  limits: readonly RateLimit[],
  principal: Pick<Principal, 'userName' | 'type' | 'groups'>,
  tags: Readonly<Record<string, string>>,
): NaiveCondition[] {
  const found: NaiveCondition[] = [];
  for (const unit of UNITS) {
    const limiting = limits.filter((limit) => limit[unit] !== undefined);
    const isMine = (limit: RateLimit): boolean =>
      limit.key === (principal.type === 'USER' ? 'RATE_LIMIT_KEY_USER' : 'RATE_LIMIT_KEY_SERVICE_PRINCIPAL') &&
      limit.principal?.toLowerCase() === principal.userName.toLowerCase();
    const isGroups = (limit: RateLimit): boolean =>
      limit.key === 'RATE_LIMIT_KEY_USER_GROUP' &&
      principal.groups.some((group) => group.toLowerCase() === limit.principal?.toLowerCase());
    const isTag = (limit: RateLimit): boolean => {
      if (limit.key !== 'RATE_LIMIT_KEY_REQUEST_TAG' || tags[limit.requestTagKey ?? ''] === undefined) return false;
      const value = tags[limit.requestTagKey ?? ''];
      const hasExact = limiting.some(
        (other) => other.requestTagKey === limit.requestTagKey && other.requestTagValue === value,
      );
      return hasExact ? limit.requestTagValue === value : limit.requestTagValue === undefined;
    };
    for (const period of PERIODS) {
      const now = limiting.filter((limit) => limit.period === period);
      const say = (who: string, list: readonly RateLimit[]): void => {
        if (list.length === 0) return;
        found.push({ unit, period, anyOf: list.map((limit) => `${who} ${limit[unit]}`).toSorted() });
      };
      say(
        'service',
        now.filter((limit) => limit.key === 'RATE_LIMIT_KEY_SERVICE'),
      );
      if (limiting.some(isMine)) say('me', now.filter(isMine));
      else if (limiting.some(isGroups)) {
        const anyOf = now.filter(isGroups).map((limit) => `${limit.principal?.toLowerCase()} ${limit[unit]}`);
        if (anyOf.length > 0) found.push({ unit, period, anyOf: anyOf.toSorted() });
      } else
        say(
          'me',
          now.filter((limit) => limit.key === 'RATE_LIMIT_KEY_USER_DEFAULT'),
        );
      for (const limit of now.filter(isTag)) say(`${limit.requestTagKey}=${tags[limit.requestTagKey ?? '']}`, [limit]);
    }
  }
  return found;
}
