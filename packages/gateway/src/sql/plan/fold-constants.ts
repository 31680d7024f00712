import type { DuckDBConnection } from '@duckdb/node-api';
import { printQuery, selectOf } from '../duckdb/parser.ts';
import type { TreeNode } from '../duckdb/syntax-tree.ts';
import type { ScanCondition } from './query-plan.ts';
import type { Comparison } from './scan-conditions.ts';

/** A constant that was computed. */
export interface Folded {
  readonly type: ScanCondition['valueType'];
  /** As `ScanFilter.values` has them. */
  readonly value: string;
}

/** Values of constant expressions; `undefined` for null and for types without an order. */
export async function foldConstants(
  connection: DuckDBConnection,
  expressions: readonly TreeNode[],
): Promise<(Folded | undefined)[]> {
  if (expressions.length === 0) return [];
  const inner = await printQuery(
    connection,
    selectOf(expressions.map((expression, index) => ({ ...expression, alias: `c${index}` }))),
  );
  const outputs = expressions.map((_, index) => `typeof(c${index}), CAST(c${index} AS VARCHAR)`);
  const reader = await connection.runAndReadAll(`SELECT ${outputs.join(', ')} FROM (${inner})`);
  const row = reader.getRows()[0]!;
  return expressions.map((_, index) => folded(String(row[index * 2]), row[index * 2 + 1]));
}

/** Conditions with computed constants. An expression that fails is left to fail when the statement runs. */
export async function foldComparisons(
  connection: DuckDBConnection,
  comparisons: readonly Comparison[],
): Promise<ScanCondition[]> {
  const conditions: ScanCondition[] = [];
  for (const comparison of comparisons) {
    const values: readonly (Folded | undefined)[] = await foldConstants(connection, comparison.constants).catch(() => [
      undefined,
    ]);
    const known = values.filter((value): value is Folded => value !== undefined);
    if (known.length === values.length) conditions.push(...conditionsFor(comparison, known));
  }
  return conditions;
}

function conditionsFor({ column, operator, asDate }: Comparison, folds: readonly Folded[]): ScanCondition[] {
  const types = new Set(folds.map(({ type }) => type));
  if (types.size > 1) return [];
  const values = folds.map(({ value }) => value);
  if (!asDate) return [{ column, operator, values, valueType: folds[0]?.type ?? 'none' }];
  const day = /^\d{4}-\d\d-\d\d$/.test(values[0] ?? '') ? values[0]! : undefined;
  return day === undefined ? [] : dayConditions(column, operator, day);
}

/** `date(column) <= day` is `column < day + 1`, and so on. */
function dayConditions(column: readonly string[], operator: Comparison['operator'], day: string): ScanCondition[] {
  const condition = (bound: '<' | '>=', value: string): ScanCondition => ({
    column,
    operator: bound,
    values: [`${value}T00:00:00Z`],
    valueType: 'timestamp',
  });
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  switch (operator) {
    case '<':
      return [condition('<', day)];
    case '<=':
      return [condition('<', next)];
    case '>':
      return [condition('>=', next)];
    case '>=':
      return [condition('>=', day)];
    case '=':
      return [condition('>=', day), condition('<', next)];
    default:
      return [];
  }
}

function folded(type: string, value: unknown): Folded | undefined {
  if (typeof value !== 'string') return undefined;
  if (type === 'VARCHAR') return { type: 'string', value };
  if (type === 'BOOLEAN') return { type: 'boolean', value };
  if (type === 'DATE') return /^\d{4}-\d\d-\d\d$/.test(value) ? { type: 'date', value } : undefined;
  if (type.startsWith('TIMESTAMP')) return timestamp(value);
  return /^-?\d+(\.\d+)?$/.test(value) ? { type: 'number', value } : undefined;
}

function timestamp(value: string): Folded | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00)?$/.exec(value);
  return match ? { type: 'timestamp', value: `${match[1]}T${match[2]}Z` } : undefined;
}
