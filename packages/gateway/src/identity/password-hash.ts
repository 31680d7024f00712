import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { GatewayError } from '../errors/gateway-error.ts';
import { Turnstile } from '../lib/turnstile.ts';

/** Parameters of scrypt (RFC 7914): 32 MiB and about 0.1 s per hash; OWASP's advice is N=2^17 with p=1, or this with p=3. */
export interface HashCost {
  /** Base-2 logarithm of N. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** What new hashes are made with. Hashes of less are renewed at the next sign-in. */
export const passwordCost: HashCost = { logN: 15, r: 8, p: 3 };

const KEY_BYTES = 32;
const SALT_BYTES = 16;
const MIN_LENGTH = 12;
const MAX_LENGTH = 1_024;
/** Sign-ins that may wait for their turn; more are asked to come back. */
const MAX_WAITING = 64;

/** Hashes at a time: one per four cores, so that a flood of sign-ins leaves the machine to the requests. */
const turnstile = new Turnstile(Math.max(1, Math.floor(availableParallelism() / 4)), MAX_WAITING);

/** A password that fits, normalised to NFC. @throws GatewayError `caller_invalid_parameter` */
export function checkedPassword(password: string): string {
  const length = [...password.normalize('NFC')].length;
  if (length < MIN_LENGTH || length > MAX_LENGTH) {
    throw new GatewayError(
      'caller_invalid_parameter',
      `A password has ${MIN_LENGTH} to ${MAX_LENGTH} characters; this one has ${length}.`,
      { param: 'password' },
    );
  }
  return password.normalize('NFC');
}

/** `scrypt$15$8$3$SALT$KEY`, base64url. */
export async function hashPassword(password: string, cost: HashCost = passwordCost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, cost);
  return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/**
 * Whether a password is the one that was hashed, and whether its hash ought to be renewed. Without a hash (an unknown
 * user) the same work is done, and the answer is no.
 */
export async function verifyPassword(
  password: string,
  hash: string | undefined,
): Promise<{ readonly right: boolean; readonly weak: boolean }> {
  const stored = hash === undefined ? undefined : parseHash(hash);
  const { cost, salt, key } = stored ?? decoy;
  // Nobody has a password of this length: it costs the same and is wrong.
  const found = await derive(password.length > MAX_LENGTH * 4 ? '' : password, salt, cost);
  const right = stored !== undefined && timingSafeEqual(found, key) && password.length <= MAX_LENGTH * 4;
  const weak = cost.logN < passwordCost.logN || cost.r < passwordCost.r || cost.p < passwordCost.p;
  return { right, weak: right && weak };
}

const decoy = { cost: passwordCost, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };

function parseHash(hash: string): { cost: HashCost; salt: Buffer; key: Buffer } | undefined {
  const parts = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(hash);
  if (parts === null) return undefined;
  const [, logN = '', r = '', p = '', salt = '', key = ''] = parts;
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length !== KEY_BYTES || Number(logN) > 20 || Number(logN) < 10) return undefined;
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: bytes,
  };
}

function derive(password: string, salt: Buffer, { logN, r, p }: HashCost): Promise<Buffer> {
  const N = 2 ** logN;
  const options: ScryptOptions = { N, r, p, maxmem: 128 * N * r + 128 * r * p + 1024 * 1024 };
  const turn = turnstile.pass(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(password.normalize('NFC'), salt, KEY_BYTES, options, (error, key) =>
          error === null ? resolve(key) : reject(error),
        );
      }),
  );
  if (turn !== undefined) return turn;
  throw new GatewayError('policy_throttled', 'Too many people are signing in at this moment. Try again.', {
    retryAfterSeconds: 5,
  });
}
