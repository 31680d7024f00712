import type { SpoolFeed } from './spool-feed.ts';
import { decodeTableRows } from './table-rows.ts';

/** Telemetry lies in its spool as rows already. */
export function telemetryFeed({ directory }: { readonly directory: string }): SpoolFeed {
  return { name: 'telemetry', directory, toRows: decodeTableRows };
}
