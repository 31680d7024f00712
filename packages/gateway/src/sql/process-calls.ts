import type { ResultTable } from '../unity/result-table.ts';

/** A relation of the DuckDB instance that a statement runs in. Those before it are there already. */
export type RelationSource = {
  /** Of `relationName`. */
  readonly name: string;
  /** Only rows in which the column has the value get into the relation. */
  readonly onlyRows?: { readonly column: string; readonly value: string } | undefined;
  /** The columns that are needed, where they are known. */
  readonly columns?: readonly string[] | undefined;
  /** Computed before the statement is seen, so that no condition of the statement reaches its inside. */
  readonly apart?: boolean | undefined;
} & (
  | {
      readonly kind: 'scan';
      /** DuckDB SQL of `Lake.scan`. */
      readonly sql: string;
      readonly paths: readonly string[];
    }
  | { readonly kind: 'rows'; readonly rows: ResultTable }
  | {
      readonly kind: 'view';
      /** Of the view's plan. */
      readonly sql: string;
    }
);

/** What a SQL process is asked to run. */
export interface RunRequest {
  /** Of the statement's plan. */
  readonly sql: string;
  /** In an order in which each needs only those before it. */
  readonly relations: readonly RelationSource[];
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Bytes DuckDB may use. */
  readonly memoryBytes: number;
  readonly threads: number;
}
