import { isIP } from 'node:net';
import { z } from 'zod';
import { formatByteSize, parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';

/** A duration as text; gives milliseconds. `least` is in milliseconds. */
export function durationKey(least = 1) {
  return z
    .string()
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, { error: 'expected a duration such as "30s", "500ms" or "5m"', abort: true })
    .refine((text) => (parseDuration(text) ?? -1) >= least, {
      error: `expected a duration from ${least === 0 ? '"0s"' : '"1ms"'} to "24h"`,
    })
    .transform((text) => parseDuration(text) ?? 0);
}

/** A size as text with a binary unit or as a number of bytes; gives bytes. */
export function sizeKey(least: number) {
  const inRange = (bytes: number | undefined): boolean => bytes !== undefined && bytes >= least;
  const error = `expected at least ${formatByteSize(least)}, such as "64MiB" or a number of bytes`;
  return z.union(
    [
      z.int().refine(inRange, { error }),
      z
        .string()
        .regex(/^\d+(B|KiB|MiB|GiB|TiB)$/, { error })
        .refine((text) => inRange(parseByteSize(text)), { error })
        .transform((text) => parseByteSize(text) ?? 0),
    ],
    { error },
  );
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 6 ? 128 : 32));
}

/** The key `server`: everything about the process itself. Every key has a default. */
export const serverSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. Beyond loopback, put TLS in front. Also --host, UCODE_GATEWAY_HOST.'),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(8484)
    .describe('Port to listen on, 0 for any free one. Also --port, UCODE_GATEWAY_PORT.'),
  public_url: z
    .url({ protocol: /^https?$/, error: 'expected an address such as "https://gateway.example.com"' })
    .refine((url) => new URL(url).pathname === '/' && !/[?#]/.test(url), {
      error: 'expected an address without a path',
    })
    .transform((url) => new URL(url).origin)
    .optional()
    .describe(
      'Address that people and agents use, such as `https://gateway.example.com`: in sign-in, OAuth and discovery answers. Default: the one of the listener.',
    ),
  trusted_proxies: z
    .array(z.string().refine(isNetwork, { error: 'expected a network such as "10.0.0.0/8" or one IP address' }))
    .default([])
    .describe("Proxies whose `X-Forwarded-For` is believed, as CIDR blocks: the caller's address is taken from there."),
  data: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Data directory, relative to this file. Default: the user's application data, ~/.local/share/ucode-gateway on Linux. Also --data, UCODE_GATEWAY_DATA.",
    ),
  shutdown_grace: durationKey(0)
    .prefault('30s')
    .describe('How long running requests may take to finish when the gateway is stopped.'),
  max_body_bytes: sizeKey(1024).prefault('64MiB').describe('Largest request body that is accepted.'),
  client_timeout: durationKey()
    .prefault('30s')
    .describe('How long a caller has to deliver its headers, and may pause within its body.'),
  first_byte_timeout: durationKey()
    .prefault('5m')
    .describe('How long a provider has to begin its answer, with its status and headers.'),
  idle_timeout: durationKey()
    .prefault('5m')
    .describe("How long a provider's stream may be silent before it is given up."),
  keepalive_interval: durationKey()
    .prefault('15s')
    .describe('How long a provider is silent before the caller is sent a keepalive.'),
  max_attempts: z
    .int()
    .min(1)
    .max(10)
    .default(2)
    .describe('Attempts at one destination, the first included, before the next is tried.'),
  max_retry_after: durationKey(0)
    .prefault('5s')
    .describe(
      'Longest `retry-after` of a provider that is waited for; with a longer one the next destination is tried.',
    ),
  allowed_private_networks: z
    .array(z.string().refine(isNetwork, { error: 'expected a network such as "10.0.0.0/8" or one IP address' }))
    .default([])
    .describe('Private networks that providers may live in, as CIDR blocks. Loopback (127.0.0.0/8) is private too.'),
  spool_max_bytes: sizeKey(1024 * 1024)
    .prefault('1GiB')
    .describe('Disk space that usage records may take. When it is full, requests are refused.'),
  log_level: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe level that is logged.'),
  workspace_id: z
    .string()
    .regex(/^\d{1,20}$/, { error: 'expected a number in quotes, such as "1"' })
    .default('1')
    .describe('Workspace id in usage records and discovery answers: digits, in quotes.'),
});
