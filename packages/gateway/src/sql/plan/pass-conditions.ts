import type { PassedColumn, QueryPlan, ScanCondition, TableReference } from './query-plan.ts';

/** The tables of a view's query, of whose result only rows that meet the conditions matter. */
export function passConditions({ tables, passed }: QueryPlan, conditions: readonly ScanCondition[]): TableReference[] {
  return tables.map((table, number) => ({
    ...table,
    conditions: [...table.conditions, ...conditions.flatMap((condition) => passedTo(number, condition, passed))],
  }));
}

function passedTo(number: number, condition: ScanCondition, passed: readonly PassedColumn[]): ScanCondition[] {
  const [name = '', ...fields] = condition.column;
  // Of two columns with one name, the name is the first's.
  const found = passed.find((column) => column.name === '*' || column.name.toLowerCase() === name.toLowerCase());
  return (found?.sources ?? [])
    .filter(({ table }) => table === number)
    .map(({ column }) => ({ ...condition, column: found?.name === '*' ? condition.column : [...column, ...fields] }));
}
