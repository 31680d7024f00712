import { createPrivateKey, generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'oidc-provider';
import { LiveImage, type ChangeWatcher } from '../../state/live-image.ts';
import { deleteOAuthKey, insertOAuthKey, selectOAuthKeys, type OAuthKeyRow } from '../../state/oauth-repository.ts';

const DAY_MS = 86_400_000;
/** How long a key signs. */
const PERIOD_MS = 30 * DAY_MS;
/** How long a key is published before it signs, for those who keep the key set for a while. */
const AHEAD_MS = DAY_MS;
/** How long a key is kept after the next one took over: longer than anything it signed. */
const KEPT_MS: Readonly<Record<KeyKind, number>> = { ES256: 2 * DAY_MS, RS256: 2 * DAY_MS, cookie: PERIOD_MS };

const kinds = ['ES256', 'RS256', 'cookie'] as const;
type KeyKind = (typeof kinds)[number];

const makeKeyPair = promisify(generateKeyPair);

/** Encrypts what is stored. */
export interface Secrets {
  seal(plain: string): string;
  open(sealed: string): string;
}

/** Keys in force at a moment; of each kind the one that signs is first. */
export interface KeySet {
  /** Changes when the keys or their order change. */
  readonly version: string;
  /** Private keys as JSON Web Keys. Never serialise this. */
  readonly jwks: readonly JWK[];
  readonly cookieKeys: readonly string[];
}

interface OpenedKey {
  readonly row: OAuthKeyRow;
  readonly plain: string;
}

/** The keys that tokens of identity and cookies are signed with: one set for all gateways of a store, changed every 30 days. */
export class SigningKeys {
  readonly #image: LiveImage<readonly OpenedKey[]>;
  readonly #secrets: Secrets;
  readonly #now: () => number;

  private constructor(image: LiveImage<readonly OpenedKey[]>, secrets: Secrets, now: () => number) {
    this.#image = image;
    this.#secrets = secrets;
    this.#now = now;
  }

  /** Reads the keys, and makes the first ones. Rejects where they cannot be opened. */
  static async open(watcher: ChangeWatcher, secrets: Secrets, now: () => number = Date.now): Promise<SigningKeys> {
    const image = await LiveImage.open<readonly OpenedKey[]>(watcher, 'oauth', async (db) =>
      (await selectOAuthKeys(db)).map((row) => ({ row, plain: secrets.open(row.sealed) })),
    );
    const keys = new SigningKeys(image, secrets, now);
    await keys.rotate();
    return keys;
  }

  /** The keys, from memory. */
  current(): KeySet {
    const now = this.#now();
    const ordered = new Map(
      kinds.map((kind) => [
        kind,
        inOrder(
          this.#image.current.filter((key) => key.row.kind === kind),
          now,
        ),
      ]),
    );
    const signing = [...(ordered.get('ES256') ?? []), ...(ordered.get('RS256') ?? [])];
    const cookies = ordered.get('cookie') ?? [];
    return {
      version: [...signing, ...cookies].map(({ row }) => row.id).join(' '),
      jwks: signing.map(({ row, plain }) => ({
        ...(JSON.parse(plain) as JWK),
        kid: row.id,
        use: 'sig',
        alg: row.kind,
      })),
      cookieKeys: cookies.map(({ plain }) => plain),
    };
  }

  /** Makes the keys that are due and removes those that have served. To be called from time to time, by any gateway. */
  async rotate(): Promise<void> {
    const now = this.#now();
    const plan = (rows: readonly OAuthKeyRow[]) => kinds.map((kind) => ({ kind, ...due(rows, kind, now) }));
    const before = plan(this.#image.current.map(({ row }) => row));
    if (before.every(({ activeFrom, served }) => activeFrom === undefined && served.length === 0)) return;
    // Made outside of the transaction: an RSA key takes a while.
    const made = new Map(
      await Promise.all(
        before
          .filter(({ activeFrom }) => activeFrom !== undefined)
          .map(async ({ kind }) => [kind, this.#secrets.seal(await makeKey(kind))] as const),
      ),
    );
    await this.#image.change(async (tx) => {
      for (const { kind, activeFrom, served } of plan(await selectOAuthKeys(tx))) {
        const sealed = made.get(kind);
        if (activeFrom !== undefined && sealed !== undefined) {
          await insertOAuthKey(tx, { id: randomBytes(8).toString('hex'), kind, sealed, activeFrom, createdAt: now });
        }
        for (const id of served) await deleteOAuthKey(tx, id);
      }
    });
  }
}

/** What is to be done for a kind: when a new key begins, where one is due, and which keys have served. */
function due(
  rows: readonly OAuthKeyRow[],
  kind: KeyKind,
  now: number,
): { readonly activeFrom: number | undefined; readonly served: readonly string[] } {
  const keys = rows.filter((row) => row.kind === kind).toSorted((a, b) => a.activeFrom - b.activeFrom);
  const newest = keys.at(-1);
  if (newest === undefined) return { activeFrom: now, served: [] };
  const next = newest.activeFrom + PERIOD_MS;
  return {
    activeFrom: next - AHEAD_MS <= now ? Math.max(next, now + AHEAD_MS) : undefined,
    served: keys
      .filter((_, index) => {
        const successor = keys[index + 1];
        return successor !== undefined && successor.activeFrom + KEPT_MS[kind] < now;
      })
      .map((row) => row.id),
  };
}

/** The key that signs now, then the earlier ones, then those to come. With a clock set back, the oldest signs. */
function inOrder(keys: readonly OpenedKey[], now: number): OpenedKey[] {
  const sorted = keys.toSorted((a, b) => b.row.activeFrom - a.row.activeFrom || a.row.id.localeCompare(b.row.id));
  const begun = sorted.filter(({ row }) => row.activeFrom <= now);
  const toCome = sorted.filter(({ row }) => row.activeFrom > now).toReversed();
  return [...begun, ...toCome];
}

async function makeKey(kind: KeyKind): Promise<string> {
  if (kind === 'cookie') return randomBytes(32).toString('base64url');
  const { privateKey } =
    kind === 'ES256'
      ? await makeKeyPair('ec', {
          namedCurve: 'P-256',
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
          publicKeyEncoding: { type: 'spki', format: 'pem' },
        })
      : await makeKeyPair('rsa', {
          modulusLength: 2048,
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
          publicKeyEncoding: { type: 'spki', format: 'pem' },
        });
  return JSON.stringify(createPrivateKey(privateKey).export({ format: 'jwk' }));
}
