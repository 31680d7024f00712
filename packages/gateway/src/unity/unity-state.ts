import type { Lake } from '../lake/lake.ts';
import type { Store } from '../state/store.ts';
import { changeUnity, unityRevision } from '../state/unity-revision-repository.ts';
import type { Caller } from './caller.ts';
import { Rights } from './rights.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

/** How often other processes' changes are looked for. */
const CHECK_INTERVAL_MS = 500;

export interface UnityOptions {
  readonly store: Store;
  readonly lake: Lake;
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
  #snapshot: Snapshot;
  #revision: number;
  #mark: string;
  #checkedAt: number;

  constructor(options: UnityOptions) {
    this.store = options.store;
    this.lake = options.lake;
    this.log = options.log ?? (() => {});
    this.now = options.now ?? Date.now;
    this.#mark = this.store.changeMark();
    this.#revision = unityRevision(this.store);
    this.#snapshot = readSnapshot(this.store);
    this.#checkedAt = this.now();
  }

  /** The image: this process's changes are in it at once, those of others after half a second at most. */
  snapshot(): Snapshot {
    const since = this.now() - this.#checkedAt;
    if (since >= CHECK_INTERVAL_MS || since < 0) this.refresh();
    return this.#snapshot;
  }

  /**
   * Runs `work`, and once more where it refused by an image that another process has changed since: what was just
   * made or granted elsewhere is found at once.
   */
  freshly<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const before = this.#snapshot;
      this.refresh();
      if (this.#snapshot === before) throw error;
      return work();
    }
  }

  /** Rights of a caller by the image of this moment. */
  rights(caller: Caller): Rights {
    return new Rights(this.snapshot(), caller);
  }

  /** Brings the image up to date, with every process's changes. To be done before something is changed. */
  refresh(): void {
    this.#checkedAt = this.now();
    const mark = this.store.changeMark();
    if (mark === this.#mark) return;
    // The mark is taken first: what is committed while we read moves it again, and is read the next time.
    this.#mark = mark;
    const revision = unityRevision(this.store);
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#snapshot = readSnapshot(this.store);
  }

  /** Runs `work` in one write transaction and brings the image up to date. */
  change<T>(work: () => T): T {
    const result = changeUnity(this.store, work);
    this.refresh();
    return result;
  }
}
