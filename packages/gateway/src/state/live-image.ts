import { countChange, readRevisions, type Area } from './revisions.ts';
import type { Queryable, Store } from './store.ts';

/** How often changes of other processes are looked for, milliseconds. */
const CHECK_INTERVAL_MS = 500;

/** Looks for changes of the store, by any process, and keeps the images that are registered up to date. */
export class ChangeWatcher {
  readonly store: Store;
  readonly #images = new Set<LiveImage<unknown>>();
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  /** On the clock that never goes back. */
  #checkedAt = performance.now();
  #closed = false;

  /** @param onError told when the store cannot be asked; images then stay as they are. */
  constructor(store: Store, onError: (error: unknown) => void = () => {}, intervalMs: number = CHECK_INTERVAL_MS) {
    this.store = store;
    this.#onError = onError;
    const next = (): void => {
      this.#timer = setTimeout(() => void tick(), intervalMs).unref();
    };
    const tick = async (): Promise<void> => {
      await this.check();
      if (!this.#closed) next();
    };
    next();
  }

  /** Milliseconds since every image was last known to be up to date. Does not depend on the clock being right. */
  get ageMs(): number {
    return performance.now() - this.#checkedAt;
  }

  /** Milliseconds since 1970 when the images were last known to be up to date. */
  get freshAt(): number {
    return Date.now() - this.ageMs;
  }

  /** Looks for changes now. Never rejects. Calls at the same time share one look. */
  async check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  add(image: LiveImage<unknown>): void {
    this.#images.add(image);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #check(): Promise<void> {
    const startedAt = performance.now();
    try {
      const revisions = await readRevisions(this.store);
      const failures: unknown[] = [];
      // One that cannot be read does not keep the others old.
      for (const image of this.#images) {
        await image.bringTo(revisions.get(image.area) ?? 0).catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
      this.#checkedAt = startedAt;
    } catch (error) {
      if (!this.#closed) this.#onError(error);
    }
  }
}

/**
 * What an area of the store holds, in memory: read without waiting on the hot path. Own changes are in it when
 * `change` resolves, those of other processes within a second.
 */
export class LiveImage<T> {
  readonly area: Area;
  readonly #store: Store;
  readonly #read: (db: Queryable) => Promise<T>;
  readonly #listeners = new Set<(value: T) => void>();
  #value!: T;
  #revision = -1;
  /** Ends when the reading before has. */
  #turn: Promise<unknown> = Promise.resolve();
  /** A refresh that has not begun to look, which all who ask meanwhile share. */
  #waiting: Promise<void> | undefined;
  /** Ends when this process's change before has: two would only make the database run one again. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(store: Store, area: Area, read: (db: Queryable) => Promise<T>) {
    this.#store = store;
    this.area = area;
    this.#read = read;
  }

  /**
   * Reads the area and keeps it up to date as long as the watcher runs. Rejects where it cannot be read.
   * @param read sees one moment of the store; uses what it is given only.
   */
  static async open<T>(watcher: ChangeWatcher, area: Area, read: (db: Queryable) => Promise<T>): Promise<LiveImage<T>> {
    const image = new LiveImage<T>(watcher.store, area, read);
    await image.refresh();
    watcher.add(image as LiveImage<unknown>);
    return image;
  }

  /** The value; a new object after a change, the same one as long as there is none. */
  get current(): T {
    return this.#value;
  }

  /** Calls back after each change. Listeners do not throw. */
  onChange(listener: (value: T) => void): void {
    this.#listeners.add(listener);
  }

  /** Brings the value up to date with every process's changes that were committed before the call. */
  refresh(): Promise<void> {
    this.#waiting ??= this.#inTurn(async () => {
      this.#waiting = undefined;
      const revision = (await readRevisions(this.#store)).get(this.area) ?? 0;
      if (revision !== this.#revision) await this.#readAnew();
    });
    return this.#waiting;
  }

  /**
   * Runs `work` in one transaction that counts as a change of the area, and brings the value up to date. Where it
   * rejects with `gateway_state_unavailable`, the change may have been made all the same.
   */
  async change<R>(work: (tx: Queryable) => Promise<R>): Promise<R> {
    const run = () =>
      this.#store.transaction(async (tx) => {
        const value = await work(tx);
        await countChange(tx, this.area);
        return value;
      });
    const changed = this.#changing.then(run);
    this.#changing = changed.catch(() => {});
    const result = await changed;
    await this.refresh();
    return result;
  }

  /** Reads anew where `revision` is not the one that was read. */
  bringTo(revision: number): Promise<void> {
    return this.#inTurn(async () => {
      // Not "older than": a store that was restored from a backup goes back.
      if (revision !== this.#revision) await this.#readAnew();
    });
  }

  async #readAnew(): Promise<void> {
    const [revision, value] = await this.#store.read(async (db) => {
      const revisions = await readRevisions(db);
      return [revisions.get(this.area) ?? 0, await this.#read(db)] as const;
    });
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#value = value;
    for (const listener of this.#listeners) listener(value);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
