import { z } from 'zod';

/** Entries of one service. */
const MOST_ENTRIES = 5_000;
/** Larger than any real limit, and exact in every counter with room for the sum of many. */
const MOST_REQUESTS = 1_000_000_000;
const MOST_TOKENS = 1_000_000_000_000;

const limitKeys = [
  'RATE_LIMIT_KEY_SERVICE',
  'RATE_LIMIT_KEY_USER_DEFAULT',
  'RATE_LIMIT_KEY_USER',
  'RATE_LIMIT_KEY_SERVICE_PRINCIPAL',
  'RATE_LIMIT_KEY_USER_GROUP',
  'RATE_LIMIT_KEY_REQUEST_TAG',
] as const;
const periods = ['RATE_LIMIT_RENEWAL_PERIOD_MINUTE', 'RATE_LIMIT_RENEWAL_PERIOD_HOUR'] as const;

export type RateLimitKey = (typeof limitKeys)[number];
export type RateLimitPeriod = (typeof periods)[number];

const NEEDS_PRINCIPAL: ReadonlySet<RateLimitKey> = new Set([
  'RATE_LIMIT_KEY_USER',
  'RATE_LIMIT_KEY_SERVICE_PRINCIPAL',
  'RATE_LIMIT_KEY_USER_GROUP',
]);

/** One rate limit of a service (unity-ai-gateway 6.1), as it is written in gateway.yaml and in the REST API. */
export const rateLimitSchema = z
  .strictObject({
    key: z.enum(limitKeys).describe('Whose requests are counted together.'),
    renewal_period: z.enum(periods).describe('The time that is counted over, up to now.'),
    principal: z
      .string()
      .trim()
      .min(1)
      .max(256)
      .optional()
      .describe('E-mail address of the user, application id of the service principal, or name of the group.'),
    request_tag_key: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('Request tag whose values are counted, each by itself.'),
    request_tag_value: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('The value that the limit is for. Default: every value without a limit of its own.'),
    requests: z.int().min(0).max(MOST_REQUESTS).optional().describe('Most requests in the period; 0 denies them.'),
    tokens: z.int().min(0).max(MOST_TOKENS).optional().describe('Most tokens in the period; 0 denies requests.'),
  })
  .superRefine((entry, context) => {
    for (const [key, message] of faultsOf(entry)) context.addIssue({ code: 'custom', path: [key], message });
  });

export type RateLimitEntry = z.output<typeof rateLimitSchema>;

/** The list `rate_limits` of a service's `config`: both limits of a scope and period may be in one entry or in two. */
export const rateLimitsSchema = z
  .array(rateLimitSchema)
  .max(MOST_ENTRIES)
  .superRefine((entries, context) => {
    const seen = new Map<string, number>();
    for (const [index, entry] of entries.entries()) {
      for (const unit of ['requests', 'tokens'] as const) {
        if (entry[unit] === undefined) continue;
        const scope = JSON.stringify([unit, entry.renewal_period, ...scopeOf(entry)]);
        const first = seen.get(scope);
        if (first === undefined) seen.set(scope, index);
        else context.addIssue({ code: 'custom', path: [index, unit], message: `is limited by entry ${first} already` });
      }
    }
  });

/** A rate limit as the rules read it. */
export interface RateLimit {
  readonly key: RateLimitKey;
  readonly period: RateLimitPeriod;
  /** As it was written; compared without regard to case. */
  readonly principal: string | undefined;
  readonly requestTagKey: string | undefined;
  readonly requestTagValue: string | undefined;
  readonly requests: number | undefined;
  readonly tokens: number | undefined;
}

/** Entries that the schema has checked, of gateway.yaml or of the REST API. */
export function readRateLimits(entries: readonly RateLimitEntry[]): readonly RateLimit[] {
  return entries.map((entry) => ({
    key: entry.key,
    period: entry.renewal_period,
    principal: entry.principal,
    requestTagKey: entry.request_tag_key,
    requestTagValue: entry.request_tag_value,
    requests: entry.requests,
    tokens: entry.tokens,
  }));
}

/** What `readRateLimits` read, in the shape of the REST API. */
export function writeRateLimits(limits: readonly RateLimit[]): RateLimitEntry[] {
  return limits.map((limit) => ({
    key: limit.key,
    renewal_period: limit.period,
    ...(limit.principal !== undefined && { principal: limit.principal }),
    ...(limit.requestTagKey !== undefined && { request_tag_key: limit.requestTagKey }),
    ...(limit.requestTagValue !== undefined && { request_tag_value: limit.requestTagValue }),
    ...(limit.requests !== undefined && { requests: limit.requests }),
    ...(limit.tokens !== undefined && { tokens: limit.tokens }),
  }));
}

type Unchecked = Readonly<Record<string, unknown>> & { readonly key: RateLimitKey };

function* faultsOf(entry: Unchecked): Generator<readonly [key: string, message: string]> {
  const { key } = entry;
  if (NEEDS_PRINCIPAL.has(key) && entry['principal'] === undefined) yield ['principal', `is required with ${key}`];
  if (!NEEDS_PRINCIPAL.has(key) && entry['principal'] !== undefined) yield ['principal', `does not go with ${key}`];
  const isTag = key === 'RATE_LIMIT_KEY_REQUEST_TAG';
  if (isTag && entry['request_tag_key'] === undefined) yield ['request_tag_key', `is required with ${key}`];
  for (const name of ['request_tag_key', 'request_tag_value']) {
    if (!isTag && entry[name] !== undefined) yield [name, `does not go with ${key}`];
  }
  if (entry['requests'] === undefined && entry['tokens'] === undefined) {
    yield ['requests', 'is missing, and tokens too: one of them is required'];
  }
}

/** Tags are compared to the letter, principals are not. */
function scopeOf(entry: RateLimitEntry): readonly (string | undefined)[] {
  return [entry.key, entry.principal?.toLowerCase(), entry.request_tag_key, entry.request_tag_value];
}
