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
  /** All of them must hold. */
  readonly conditions: readonly ScanCondition[];
}

/** A query that was checked, in DuckDB's SQL. */
export interface QueryPlan {
  /** Reads the relations that `relationName` names, and nothing else. */
  readonly sql: string;
  /** In the order of their numbers. */
  readonly tables: readonly TableReference[];
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
