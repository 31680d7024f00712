import { z } from 'zod';
import { redisAddress } from './redis-url.ts';
import { durationKey } from './server-schema.ts';

/** What a URL that is none should be. Never has the URL in it. */
export const REDIS_URL_FORM =
  'expected "redis://user:password@host:6379/0", or rediss:// for TLS; other characters than letters and digits in the password are written as %XX';

/** The key `limits`: how rate limits and budgets are counted. Every key has a default. */
export const limitsSchema = z.strictObject({
  redis: z
    .strictObject({
      url: z
        .string()
        .refine((url) => redisAddress(url) !== undefined, { error: REDIS_URL_FORM })
        .describe(
          'Redis 7 or newer, or Valkey, that several gateways count in together, usually `${env:REDIS_URL}`: `redis://user:password@host:6379/0`, `rediss://` for TLS. Also UCODE_GATEWAY_REDIS_URL.',
        ),
    })
    .optional()
    .describe(
      'Where several gateways count together. Default: one gateway counts in memory, written to its state every second.',
    ),
  when_unavailable: z
    .enum(['open', 'closed'])
    .default('closed')
    .describe(
      'What happens to requests while Redis does not answer: `open` lets them through uncounted, `closed` refuses them.',
    ),
  timeout: durationKey(5).prefault('250ms').describe('How long a request waits for Redis at most.'),
  key_prefix: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, { error: 'expected 1 to 64 letters, digits, dots, colons, dashes or underscores' })
    .default('ucode')
    .describe(
      'First part of every key in Redis, and the hash tag that keeps them on one node of a cluster. Each installation that shares a Redis has its own.',
    ),
  output_estimate: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(1024)
    .describe('Output tokens that are reserved for a request until it is known how many it took.'),
  cache_read_weight: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('What an input token read from the prompt cache counts against token limits; 1 is as much as any other.'),
});
