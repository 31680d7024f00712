import type { Lake } from '../lake/lake.ts';
import type { SpoolFeed } from './spool-feed.ts';
import type { SpoolPosition } from './spool-format.ts';

/** What the loader needs of a `Lake`. */
export type LoaderLake = Pick<Lake, 'append' | 'lastTransaction'>;

/** What the loader says of its work; pino's `Logger` is one. */
export interface LoaderLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Rows the loader is done with for now. */
export interface LoaderProgress {
  readonly feed: string;
  /** `TableRef.id`; `undefined` for a record that could not be read. */
  readonly table: string | undefined;
  /**
   * `loaded`: in the table. `parked`: kept in a file until the table takes them. `landed`: from there into the table.
   * `dropped`: their table is gone. `unreadable`: the record was put aside.
   */
  readonly outcome: 'loaded' | 'parked' | 'landed' | 'dropped' | 'unreadable';
  readonly rows: number;
}

export interface LoaderOptions {
  readonly lake: LoaderLake;
  readonly feeds: readonly SpoolFeed[];
  /** Where rows wait whose table does not take them; made if missing. */
  readonly parkedDirectory: string;
  /** Milliseconds rows are gathered, from the first that waits. */
  readonly commitIntervalMs: number;
  /** Bytes of rows in one batch. Default 32 MiB. */
  readonly maxBatchBytes?: number | undefined;
  readonly log: LoaderLog;
  /** Every table has everything of the feed up to here, or it is parked: the spool may forget it. */
  onLoaded(feed: string, position: SpoolPosition): void;
  onProgress?: ((progress: LoaderProgress) => void) | undefined;
}
