import type { z } from 'zod';
import { REDIS_URL_FORM, type limitsSchema } from './limits-schema.ts';
import type { ConfigProblem } from './problems.ts';
import { redisAddress } from './redis-url.ts';

/** How rate limits and budgets are counted. `redisUrl` may have a password in it: never serialise this. */
export interface LimitsConfig {
  /** `undefined`: in memory, for one gateway. */
  readonly redisUrl: string | undefined;
  readonly whenUnavailable: 'open' | 'closed';
  /** Milliseconds a request waits for Redis at most. */
  readonly timeoutMs: number;
  readonly keyPrefix: string;
  /** Output tokens that are reserved for a request. */
  readonly outputEstimate: number;
  /** What a token read from the prompt cache counts, 0 to 1. */
  readonly cacheReadWeight: number;
}

/** The variable that names Redis in place of the file. */
const VARIABLE = 'UCODE_GATEWAY_REDIS_URL';

interface LimitsResult {
  readonly limits: LimitsConfig;
  /** Variables that were used. */
  readonly variables: readonly string[];
  /** Values to be kept out of what is shown. */
  readonly secrets: readonly string[];
  readonly problems: readonly ConfigProblem[];
}

/** The section `limits`: environment variable, else file, else default. */
export function readLimits(
  file: z.output<typeof limitsSchema>,
  env: Readonly<Record<string, string | undefined>>,
): LimitsResult {
  const given = env[VARIABLE] || undefined;
  const redisUrl = given ?? file.redis?.url;
  return {
    limits: {
      redisUrl,
      whenUnavailable: file.when_unavailable,
      timeoutMs: file.timeout,
      keyPrefix: file.key_prefix,
      outputEstimate: file.output_estimate,
      cacheReadWeight: file.cache_read_weight,
    },
    variables: given === undefined ? [] : [VARIABLE],
    secrets: redisUrl === undefined ? [] : secretsOf(redisUrl),
    problems: given === undefined || redisAddress(given) !== undefined ? [] : [problem()],
  };
}

/** Where is counted, for people: without user and password. */
export function limitsPlace({ redisUrl }: LimitsConfig): string {
  return redisUrl === undefined ? 'in memory' : (redisAddress(redisUrl) ?? 'Redis');
}

function problem(): ConfigProblem {
  return {
    file: 'environment',
    line: undefined,
    column: undefined,
    key: VARIABLE,
    message: 'not the URL of a Redis or Valkey server',
    cure: REDIS_URL_FORM.replace(/^e/, 'E'),
  };
}

/** The URL where it has a password, and that password as written and as meant. */
function secretsOf(url: string): string[] {
  const written = URL.parse(url)?.password ?? '';
  if (written === '') return [];
  let meant = written;
  try {
    meant = decodeURIComponent(written);
  } catch {
    // As written, then.
  }
  return [url, ...[written, meant].filter((password) => password.length >= 4)];
}
