import type { Count } from './count.ts';
import type { Charge, Window } from './counters.ts';

/** A count that is kept, by the key and window of its charges. */
export interface KeptCount extends Pick<Charge, 'key' | 'window'> {
  readonly count: Count;
}

/** Counts by window, then by key: to find one, no text is put together, as there are several to find for each request. */
export class KeptCounts {
  readonly #byWindow = new Map<number | string, Map<string, KeptCount>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(key: string, window: Window): KeptCount | undefined {
    return this.#byWindow.get(nameOf(window))?.get(key);
  }

  /** Keeps one that is not kept yet. */
  add(kept: KeptCount): void {
    const name = nameOf(kept.window);
    let ofWindow = this.#byWindow.get(name);
    if (ofWindow === undefined) this.#byWindow.set(name, (ofWindow = new Map()));
    ofWindow.set(kept.key, kept);
    this.#size++;
  }

  delete({ key, window }: Pick<KeptCount, 'key' | 'window'>): void {
    const name = nameOf(window);
    const ofWindow = this.#byWindow.get(name);
    if (ofWindow?.delete(key) !== true) return;
    this.#size--;
    if (ofWindow.size === 0) this.#byWindow.delete(name);
  }

  /** All of them; they may be deleted meanwhile. */
  *[Symbol.iterator](): IterableIterator<KeptCount> {
    for (const ofWindow of this.#byWindow.values()) yield* ofWindow.values();
  }
}

function nameOf(window: Window): number | string {
  return window.kind === 'rolling' ? window.ms : window.id;
}
