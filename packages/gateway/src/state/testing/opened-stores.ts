import { afterAll, afterEach } from 'vitest';
import { openStore, type Store, type StoreLocation } from '../store.ts';
import type { StorePlace } from './store-place.ts';

/** Opens stores for tests and closes them after each. */
export class OpenedStores {
  readonly #place: StorePlace;
  readonly #opened: Store[] = [];

  constructor(place: StorePlace) {
    this.#place = place;
    afterEach(async () => {
      await Promise.all(this.#opened.splice(0).map((store) => store.close()));
    });
    afterAll(() => place.remove());
  }

  /** Opens the store at `location`; a new one without it. */
  async open(location?: StoreLocation): Promise<Store> {
    const store = await openStore(location ?? (await this.#place.newLocation()));
    this.#opened.push(store);
    return store;
  }

  /** Two processes on one store, as good as that. */
  async openTwo(): Promise<[Store, Store]> {
    const location = await this.#place.newLocation();
    return [await this.open(location), await this.open(location)];
  }
}
