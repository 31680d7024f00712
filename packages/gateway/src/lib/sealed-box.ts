import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Bytes of a key: AES-256. */
export const SEAL_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORM = /^sealed1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)$/;

/** Encrypts secrets for storage. */
export interface SealedBox {
  /** @returns text that tells nothing of `plain`, and is another one each time. */
  seal(plain: string): string;
  /** @throws SealError where the key is not known, the text was changed, or belongs to another context. */
  open(sealed: string): string;
  /** Whether the text was sealed with the current key; others are to be sealed anew. */
  isCurrent(sealed: string): boolean;
}

/** A sealed value cannot be opened. The message names keys by their ids, and no value. */
export class SealError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SealError';
  }
}

/**
 * Seals with AES-256-GCM and a random nonce. The text has the id of its key, so that keys can be changed: the current
 * key seals, previous ones still open. `box` binds values to a context, so that one cannot be put in another's place.
 */
export class SealingKeys {
  readonly #current: Key;
  readonly #keys: ReadonlyMap<string, Key>;

  /** @param current 32 bytes; as many for each of `previous`. */
  constructor(current: Uint8Array, previous: readonly Uint8Array[] = []) {
    this.#current = toKey(current);
    this.#keys = new Map([...previous.map(toKey), this.#current].map((key) => [key.id, key]));
  }

  /** Public name of the current key: 16 hexadecimal digits. */
  get currentId(): string {
    return this.#current.id;
  }

  /** Whether values sealed with this key can be opened. */
  knows(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  /** @param context what the values are and of what, such as `service main.team.fast`. */
  box(context: string): SealedBox {
    const aad = Buffer.from(context);
    return {
      seal: (plain) => seal(this.#current, aad, plain),
      open: (sealed) => {
        const { keyId, bytes } = parse(sealed);
        const key = this.#keys.get(keyId);
        if (!key) throw new SealError(`The key ${keyId} that a stored secret was sealed with is not known.`);
        return open(key, aad, bytes);
      },
      isCurrent: (sealed) => FORM.exec(sealed)?.[1] === this.#current.id,
    };
  }
}

/** Whether a text has the form of a sealed value. */
export function isSealed(text: string): boolean {
  return FORM.test(text);
}

/** Id of the key a value was sealed with. @throws SealError for another text. */
export function keyIdOf(sealed: string): string {
  return parse(sealed).keyId;
}

interface Key {
  readonly id: string;
  readonly bytes: Uint8Array;
}

function toKey(bytes: Uint8Array): Key {
  if (bytes.length !== SEAL_KEY_BYTES) throw new SealError(`A key has ${SEAL_KEY_BYTES} bytes.`);
  const id = createHash('sha256').update('ucode-gateway key id').update(bytes).digest('hex').slice(0, 16);
  return { id, bytes };
}

function parse(sealed: string): { readonly keyId: string; readonly bytes: Buffer } {
  const [, keyId, text] = FORM.exec(sealed) ?? [];
  if (keyId === undefined || text === undefined) throw new SealError('A stored secret is not sealed.');
  return { keyId, bytes: Buffer.from(text, 'base64url') };
}

function seal(key: Key, aad: Buffer, plain: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
  const bytes = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `sealed1.${key.id}.${bytes.toString('base64url')}`;
}

function open(key: Key, aad: Buffer, bytes: Buffer): string {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealError('A stored secret was cut short.');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const text = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
  } catch {
    throw new SealError('A stored secret was changed, or belongs to something else.');
  }
}
