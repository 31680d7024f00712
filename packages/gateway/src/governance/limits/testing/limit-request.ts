import type { ModelService } from '../../../config/gateway-config.ts';
import { readRateLimits, rateLimitsSchema, type RateLimit } from '../../../config/rate-limit-schema.ts';
import type { AdmissionRequest } from '../../admission.ts';

/** Rate limits from lines such as `USER ada@example.com requests=5 tokens=9 HOUR`, `REQUEST_TAG team=red requests=1`. */
export function limitsOf(...lines: readonly string[]): readonly RateLimit[] {
  const entries = lines.map((line) => {
    const [key = '', ...words] = line.split(' ');
    const entry: Record<string, unknown> = {
      key: `RATE_LIMIT_KEY_${key}`,
      renewal_period: `RATE_LIMIT_RENEWAL_PERIOD_${words.includes('HOUR') ? 'HOUR' : 'MINUTE'}`,
    };
    for (const word of words) {
      const [name = '', value] = word.split('=');
      if (name === 'HOUR') continue;
      if (name === 'requests' || name === 'tokens') entry[name] = Number(value);
      else if (key === 'REQUEST_TAG') {
        entry['request_tag_key'] = name;
        if (value !== undefined) entry['request_tag_value'] = value;
      } else entry['principal'] = word;
    }
    return entry;
  });
  return readRateLimits(rateLimitsSchema.parse(entries));
}

/** The start of a slot of every window. */
export const LIMIT_REQUEST_AT = 1_699_999_980_000;

/** A request to `main.team.fast`, by Ada of the groups `red` and `blue`, of 100 tokens in and 50 out. */
export function limitRequest(
  rateLimits: readonly RateLimit[] | undefined,
  given: Partial<Omit<AdmissionRequest, 'resolved' | 'principal'>> & {
    readonly principal?: Partial<AdmissionRequest['principal']>;
  } = {},
): AdmissionRequest {
  const service = { name: 'main.team.fast', rateLimits } as unknown as ModelService;
  return {
    resolved: { kind: 'model-service', service },
    tags: {},
    agent: undefined,
    estimate: { input: 100, output: 50 },
    at: LIMIT_REQUEST_AT,
    ...given,
    principal: {
      id: '17',
      userName: 'ada@example.com',
      type: 'USER',
      groups: ['red', 'blue'],
      active: true,
      authMode: 'PAT',
      tokenId: 'token-1',
      scopes: new Set(['all-apis']),
      ...given.principal,
    },
  };
}
