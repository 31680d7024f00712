import { GatewayError } from '../../errors/gateway-error.ts';

/** A row that the table cannot hold. */
export interface UnfitRow {
  /** Counted from 0 over all lines of the append. */
  readonly index: number;
  /** What DuckDB says of it. May quote the row's values: for logs and dead letters, not for callers. */
  readonly reason: string;
}

/**
 * Some rows of an append do not fit the table's columns. Nothing was written; the append succeeds without them.
 * Crosses process borders as a plain `caller_table_unfit`: `rows` is for callers in the same process.
 */
export class UnfitRowsError extends GatewayError {
  readonly rows: readonly UnfitRow[];

  constructor(rows: readonly UnfitRow[], total: number) {
    const named = rows.slice(0, 10).map((row) => row.index);
    super(
      'caller_table_unfit',
      `${rows.length} of ${total} rows do not fit the columns of the table: number ${named.join(', ')}${rows.length > named.length ? ' and others' : ''}, counted from 0.`,
    );
    this.rows = rows;
  }
}
