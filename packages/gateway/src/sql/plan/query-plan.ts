import type { NameDefaults } from '../../unity/catalog.ts';
import type { StatementParameter } from '../statement.ts';

/** What a SQL process is asked to plan. */
export interface PlanRequest {
  readonly sql: string;
  readonly userName: string;
  readonly defaults: NameDefaults;
  readonly parameters: readonly StatementParameter[];
}

/** A condition that the rows of a table must meet, before the table's column types are known. */
export interface ScanCondition {
  /** As the caller wrote it. */
  readonly column: readonly string[];
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'in' | 'is null' | 'is not null';
  readonly values: readonly string[];
  /** Type of the values; a condition is used only where it fits the column's. */
  readonly valueType: 'number' | 'string' | 'boolean' | 'date' | 'timestamp' | 'none';
}

/** A table that a query reads. */
export interface TableReference {
  /** One to three parts, as written. */
  readonly name: readonly string[];
  readonly at: { readonly version: number } | { readonly timestamp: number } | undefined;
  /** Only rows that meet all of them matter. A column that the table does not have is another's. */
  readonly conditions: readonly ScanCondition[];
  /** Lower case; the columns that are needed are among them. `undefined`: all may be. */
  readonly mentioned: readonly string[] | undefined;
}

/** A column of a query's result, by its place. */
export interface PassedColumn {
  /** `*`: every column under its name. */
  readonly name: string;
  /** Columns of the tables that it may be, by the number of the table; for `*` the table's own columns. */
  readonly sources: readonly { readonly table: number; readonly column: readonly string[] }[];
}

/** A query that was checked, in DuckDB's SQL. */
export interface QueryPlan {
  /** Reads the relations that `relationName` names, and nothing else. */
  readonly sql: string;
  /** In the order of their numbers. */
  readonly tables: readonly TableReference[];
  /** Empty where a condition on the result cannot be one on the tables. */
  readonly passed: readonly PassedColumn[];
}

/**
 * The schema of all relations. It is not where DuckDB looks for names without a schema, and names with one are
 * always replaced: a caller who guesses the name of a relation, such as one below a view, gets nothing.
 */
export const RELATION_SCHEMA = 'held';

/** The relation for a table of a plan. Names of relations never come from callers. */
export function relationName(plan: number, table: number): string {
  return `relation_${plan}_${table}`;
}
