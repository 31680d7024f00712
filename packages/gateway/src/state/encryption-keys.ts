import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { EncryptionConfig } from '../config/encryption-settings.ts';
import { KeyFile } from '../lib/key-file.ts';
import { keyIdOf, SEAL_KEY_BYTES, SealingKeys, type SealedBox } from '../lib/sealed-box.ts';
import { deleteKeyId, insertKeyId, selectKeyIds } from './encryption-key-repository.ts';
import { keyIdsIn, resealColumn, sealedColumns } from './sealed-columns.ts';
import type { Queryable, Store } from './store.ts';

/** Name of the key file in the data directory. */
export const KEY_FILE = 'encryption.key';

export interface EncryptionKeysOptions {
  readonly store: Store;
  readonly config: EncryptionConfig;
  readonly dataDirectory: string;
}

/** A key that stored secrets need is not there. They stay as they are. */
export class EncryptionKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EncryptionKeyError';
  }
}

/**
 * The keys that seal what is stored. The current one is that of the configuration, else the first of the key file; the
 * others open what they sealed once. A key file that another process changes is read again when it is needed.
 */
export class EncryptionKeys {
  readonly #store: Store;
  readonly #config: EncryptionConfig;
  readonly #file: KeyFile;
  #keys: SealingKeys;
  #mark: string;

  private constructor({ store, config, dataDirectory }: EncryptionKeysOptions) {
    this.#store = store;
    this.#config = config;
    this.#file = new KeyFile(path.join(dataDirectory, KEY_FILE));
    this.#mark = this.#file.mark;
    this.#keys = this.#read();
  }

  /**
   * Finds the keys; makes one where there is none and nothing was sealed yet.
   * @throws EncryptionKeyError where a key is missing that something was sealed with; nothing is changed then.
   */
  static async open(options: EncryptionKeysOptions): Promise<EncryptionKeys> {
    const { store, config, dataDirectory } = options;
    const file = new KeyFile(path.join(dataDirectory, KEY_FILE));
    if (config.key === undefined && file.read() === undefined) {
      const used = await usedKeyIds(store);
      if (used.length > 0) throw missing(used, dataDirectory);
      await file.make([randomBytes(SEAL_KEY_BYTES)]);
    }
    const keys = new EncryptionKeys(options);
    await store.transaction(async (tx) => {
      // Another gateway may have begun to seal with a key of its own meanwhile.
      const unknown = (await usedKeyIds(tx)).filter((id) => !keys.#keys.knows(id));
      if (unknown.length > 0) throw missing(unknown, dataDirectory);
      await insertKeyId(tx, keys.currentId, Date.now());
    });
    return keys;
  }

  /** Public name of the current key. */
  get currentId(): string {
    return this.#keys.currentId;
  }

  /** Whether the configuration gives the key; else it is the key file's. */
  get isConfigured(): boolean {
    return this.#config.key !== undefined;
  }

  /** @param context what is sealed and of what, such as `oauth-key 7`: a value opens in its own context only. */
  box(context: string): SealedBox {
    return {
      seal: (plain) => this.#fresh().box(context).seal(plain),
      open: (sealed) => {
        const keys = this.#keys.knows(keyIdOf(sealed)) ? this.#keys : this.#fresh();
        return keys.box(context).open(sealed);
      },
      isCurrent: (sealed) => this.#keys.box(context).isCurrent(sealed),
    };
  }

  /**
   * Puts a new key into the key file; the old ones stay behind it.
   * @throws EncryptionKeyError where the configuration gives the key.
   */
  async addKey(): Promise<void> {
    if (this.isConfigured) {
      throw new EncryptionKeyError(
        'The key is given by encryption.key in the configuration. Put the old one into encryption.previous_keys and a new one into encryption.key, restart the gateways, then run `secrets rotate` without --new-key.',
      );
    }
    await this.#file.replace([randomBytes(SEAL_KEY_BYTES), ...(this.#file.read() ?? [])]);
    this.#fresh();
    await this.#store.transaction((tx) => insertKeyId(tx, this.currentId, Date.now()));
  }

  /**
   * Seals everything that is stored with the current key. May be stopped and begun again at any moment.
   * @returns how many rows were changed.
   */
  async reseal(): Promise<number> {
    let changed = 0;
    const unreadable: string[] = [];
    for (const column of sealedColumns) {
      const done = await resealColumn(this.#store, column, (context) => this.box(context));
      changed += done.changed;
      if (done.unreadable > 0) unreadable.push(`${done.unreadable} in ${column.table}`);
    }
    if (unreadable.length > 0) {
      throw new EncryptionKeyError(
        `${changed} values were sealed anew. Others cannot be opened and were left as they are: ${unreadable.join(', ')}. Keep the previous keys until those are made again.`,
      );
    }
    const inUse = new Set([this.currentId]);
    for (const column of sealedColumns) for (const id of await keyIdsIn(this.#store, column)) inUse.add(id);
    await this.#store.transaction(async (tx) => {
      for (const id of await selectKeyIds(tx)) if (!inUse.has(id)) await deleteKeyId(tx, id);
    });
    return changed;
  }

  /** The keys, after a look at the key file. */
  #fresh(): SealingKeys {
    const { mark } = this.#file;
    if (mark !== this.#mark) {
      this.#keys = this.#read();
      this.#mark = mark;
    }
    return this.#keys;
  }

  #read(): SealingKeys {
    const configured = [this.#config.key, ...this.#config.previousKeys].filter((key) => key !== undefined);
    const inFile = this.#file.read() ?? [];
    const given = configured.map((key) => Buffer.from(key, 'base64'));
    const [current, ...previous] = this.isConfigured ? [...given, ...inFile] : [...inFile, ...given];
    if (!current) throw new EncryptionKeyError(`${this.#file.path} is gone. Restore it from a backup.`);
    return new SealingKeys(current, previous);
  }
}

/** Ids of every key that something is sealed with, or may be. */
async function usedKeyIds(db: Queryable): Promise<string[]> {
  const ids = new Set(await selectKeyIds(db));
  for (const column of sealedColumns) for (const id of await keyIdsIn(db, column)) ids.add(id);
  return [...ids];
}

function missing(ids: readonly string[], dataDirectory: string): EncryptionKeyError {
  return new EncryptionKeyError(
    `Stored secrets are sealed with the key ${ids.join(' and ')}, which is not here. Restore ${path.join(dataDirectory, KEY_FILE)}, or name the key in encryption.key or encryption.previous_keys of the configuration. Nothing was changed.`,
  );
}
