import type { Lake } from '../lake/lake.ts';
import { LiveImage, type ChangeWatcher } from '../state/live-image.ts';
import type { EncryptionKeys } from '../state/encryption-keys.ts';
import type { Queryable, Store } from '../state/store.ts';
import type { Caller } from './caller.ts';
import { Rights } from './rights.ts';
import { withDeclared, type DeclaredService } from './services/declared-services.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

export interface UnityOptions {
  /** Of the store in which the objects are. */
  readonly watcher: ChangeWatcher;
  readonly lake: Lake;
  /** What seals the secrets of services. Without it, none with secrets can be made or read. */
  readonly keys?: EncryptionKeys | undefined;
  /** Told of what went wrong without failing a statement. */
  readonly log?: ((message: string) => void) | undefined;
  /** Milliseconds since 1970; the clock when left out. */
  readonly now?: (() => number) | undefined;
}

/** The stored objects and an image of them in memory, which is read without touching the database. */
export class UnityState {
  readonly store: Store;
  readonly lake: Lake;
  readonly log: (message: string) => void;
  readonly now: () => number;
  readonly keys: EncryptionKeys | undefined;
  readonly #image: LiveImage<Snapshot>;
  readonly #listeners = new Set<() => void>();
  #declared: readonly DeclaredService[] = [];
  #snapshot: Snapshot;
  /** Rights by the image of this moment, for callers that are asked about again and again. */
  #rights = new WeakMap<Caller, Rights>();

  private constructor(options: UnityOptions, image: LiveImage<Snapshot>) {
    this.store = options.watcher.store;
    this.lake = options.lake;
    this.log = options.log ?? (() => {});
    this.now = options.now ?? Date.now;
    this.keys = options.keys;
    this.#image = image;
    this.#snapshot = image.current;
    image.onChange(() => this.#compose());
  }

  static async open(options: UnityOptions): Promise<UnityState> {
    return new UnityState(options, await LiveImage.open(options.watcher, 'unity', readSnapshot));
  }

  /** The image: this process's changes are in it at once, those of others after half a second or so. */
  snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Takes the services of another configuration into the image. */
  declare(services: readonly DeclaredService[]): void {
    this.#declared = services;
    this.#compose();
  }

  /** Calls back after each change of the image. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Runs `work`, and once more where it refused by an image that another process has changed since: what was just
   * made or granted elsewhere is found at once. Where the database is away, the refusal stands.
   */
  async freshly<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      const before = this.snapshot();
      await this.refresh().catch(() => {});
      if (this.snapshot() === before) throw error;
      return work();
    }
  }

  /** Rights of a caller by the image of this moment. */
  rights(caller: Caller): Rights {
    let rights = this.#rights.get(caller);
    if (rights === undefined) this.#rights.set(caller, (rights = new Rights(this.snapshot(), caller)));
    return rights;
  }

  /** Brings the image up to date, with every process's changes. To be done before something is changed. */
  refresh(): Promise<void> {
    return this.#image.refresh();
  }

  #compose(): void {
    this.#snapshot = withDeclared(this.#image.current, this.#declared);
    this.#rights = new WeakMap();
    for (const listener of this.#listeners) listener();
  }

  /** Runs `work` in one write transaction, maybe more than once, and brings the image up to date. */
  change<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#image.change(work);
  }
}
