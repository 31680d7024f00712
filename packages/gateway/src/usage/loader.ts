import { FeedLoader } from './feed-loader.ts';
import type { LoaderOptions } from './loader-options.ts';
import type { SpoolPosition } from './spool-format.ts';

export type { LoaderLog, LoaderOptions, LoaderProgress } from './loader-options.ts';

/**
 * Empties spools into tables. Runs beside the tables, not beside the spools' writer, which tells it what is
 * committed and hears what is loaded.
 *
 * Every record lands exactly once and in order, whatever crashes: an append carries the place of its last record as
 * a Delta transaction, and after a restart each table is asked what it has. Rows that a table refuses for good are
 * parked in files and tried again, rows of a dropped table are dropped, and anything that may pass is tried again
 * for as long as it takes.
 */
export class Loader {
  readonly #feeds: ReadonlyMap<string, FeedLoader>;

  constructor(options: LoaderOptions) {
    this.#feeds = new Map(options.feeds.map((feed) => [feed.name, new FeedLoader(feed, options)]));
  }

  /** The writer of a feed has made everything before `position` durable. Only that is ever read. */
  committed(feed: string, position: SpoolPosition): void {
    const loader = this.#feeds.get(feed);
    if (loader === undefined) throw new Error(`There is no feed '${feed}'.`);
    loader.committed(position);
  }

  start(): void {
    for (const feed of this.#feeds.values()) feed.start();
  }

  /** Loads everything committed so far without gathering; resolves when that is done, or at a stop. Start it first. */
  async drain(): Promise<void> {
    await Promise.all([...this.#feeds.values()].map((feed) => feed.drain()));
  }

  /** Finishes the appends under way, gives up waiting and retrying. What is not loaded stays in the spools. */
  async stop(): Promise<void> {
    await Promise.all([...this.#feeds.values()].map((feed) => feed.stop()));
  }
}
