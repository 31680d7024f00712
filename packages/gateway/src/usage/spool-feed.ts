import type { TableRows } from './table-rows.ts';

/** One spool that the loader empties into tables. */
export interface SpoolFeed {
  /** `usage`, `payloads`, `telemetry`: names the spool in logs, metrics and transactions. */
  readonly name: string;
  readonly directory: string;
  /** What a record becomes. Pure; a throw sends the record to `parked/` and an error to the log. */
  toRows(payload: Buffer): TableRows;
}
