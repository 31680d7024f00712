import { z } from 'zod';
import { postgresAddress } from './postgres-url.ts';
import { durationKey } from './server-schema.ts';

/** What a URL that is none should be. Never has the URL in it. */
export const STATE_URL_FORM =
  'expected "postgres://user:password@host:5432/database"; other characters than letters and digits in the password are written as %XX';

/** The key `state`: where everything relational is kept. Every key has a default. */
export const stateSchema = z.strictObject({
  url: z
    .string()
    .refine((url) => postgresAddress(url) !== undefined, { error: STATE_URL_FORM })
    .optional()
    .describe(
      'PostgreSQL database (14 or newer, UTF-8) that any number of gateways share, usually `${env:DATABASE_URL}`: `postgres://user:password@host:5432/database?sslmode=verify-full`. Default: an embedded SQLite file in the data directory. Also UCODE_GATEWAY_STATE_URL.',
    ),
  max_connections: z
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('Connections to PostgreSQL that one gateway has at most.'),
  stale_limit: durationKey(1000)
    .prefault('60s')
    .describe(
      'How long users, tokens and grants are believed while the database cannot be asked. After that requests are refused.',
    ),
});
