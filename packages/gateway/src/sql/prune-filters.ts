import type { ScanFilter } from '../lake/lake.ts';
import type { DeltaType, StructType } from '../lake/schema/delta-type.ts';
import type { ScanCondition } from './plan/query-plan.ts';

/**
 * The conditions of a query that a table's statistics can be asked about, with the columns' true names.
 * Left out is what compares a column with a value of another kind: the comparison then means something else
 * than the order of the column's values.
 */
export function pruneFilters(conditions: readonly ScanCondition[], schema: StructType): ScanFilter[] {
  return conditions.flatMap((condition) => {
    const found = columnOf(condition.column, schema);
    const filter = found && fit(condition, found.type);
    return filter ? [{ ...filter, column: found.column }] : [];
  });
}

function columnOf(names: readonly string[], schema: StructType): { column: string[]; type: DeltaType } | undefined {
  let type: DeltaType = schema;
  const column: string[] = [];
  for (const name of names) {
    if (typeof type === 'string' || type.type !== 'struct') return undefined;
    const fields: StructType['fields'] = type.fields;
    const field = fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (!field) return undefined;
    column.push(field.name);
    type = field.type;
  }
  return { column, type };
}

type Fitted = Omit<ScanFilter, 'column'>;

function fit({ operator, values, valueType }: ScanCondition, type: DeltaType): Fitted | undefined {
  if (typeof type !== 'string') return undefined;
  if (valueType === 'none') return { operator, values };
  if (type === 'timestamp' || type === 'timestamp_ntz') return every(operator, values, instant);
  if (type === 'date') return valueType === 'timestamp' ? fitDate(operator, values) : every(operator, values, day);
  if (type === 'string') return valueType === 'string' ? { operator, values } : undefined;
  if (type === 'boolean') return valueType === 'boolean' ? { operator, values } : undefined;
  const isNumber = /^(long|integer|short|byte|float|double|decimal\(.*\))$/.test(type);
  return isNumber && valueType === 'number' ? { operator, values } : undefined;
}

function every(
  operator: ScanFilter['operator'],
  values: readonly string[],
  convert: (value: string) => string | undefined,
): Fitted | undefined {
  const converted = values.map(convert);
  return converted.every((value) => value !== undefined) ? { operator, values: converted } : undefined;
}

/** A date, or a timestamp of UTC, as ISO 8601. Texts with another zone are left to DuckDB. */
function instant(value: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z?)?$/.exec(value);
  return match ? `${match[1]}T${match[2] ?? '00:00:00'}Z` : undefined;
}

function day(value: string): string | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(value) ? value : undefined;
}

/** A date compared with a timestamp is its midnight. */
function fitDate(operator: ScanFilter['operator'], [value]: readonly string[]): Fitted | undefined {
  const [date, time] = (value ?? '').split('T');
  if (day(date!) === undefined || operator === 'in') return undefined;
  const midnight = /^00:00:00(\.0+)?Z$/.test(time ?? '');
  if (operator === '<' && !midnight) return { operator: '<=', values: [date!] };
  if (operator === '>=' && !midnight) return { operator: '>', values: [date!] };
  return operator === '=' && !midnight ? undefined : { operator, values: [date!] };
}
