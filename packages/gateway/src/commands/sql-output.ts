import type { DeltaType } from '../lake/schema/delta-type.ts';
import { formatTable } from './print-table.ts';

/** How the values of a column are shown: as JSON numbers, booleans, nested JSON, or text. */
export type ValueKind = 'number' | 'boolean' | 'json' | 'text';

export interface OutputColumn {
  readonly name: string;
  readonly kind: ValueKind;
}

/** A result to be printed: values as text, null for NULL. */
export interface OutputTable {
  readonly columns: readonly OutputColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly truncated: boolean;
}

const numbers = new Set(['LONG', 'INTEGER', 'INT', 'SHORT', 'BYTE', 'FLOAT', 'DOUBLE', 'DECIMAL']);

/** @param typeName of Delta or of the Statement Execution API: `long`, `decimal(10,2)`, `LONG`, `STRUCT`. */
export function kindOf(typeName: string): ValueKind {
  const base = typeName.toUpperCase().replace(/\(.*/, '');
  if (numbers.has(base)) return 'number';
  if (base === 'BOOLEAN') return 'boolean';
  return ['STRUCT', 'ARRAY', 'MAP'].includes(base) ? 'json' : 'text';
}

export function kindOfType(type: DeltaType): ValueKind {
  return kindOf(typeof type === 'string' ? type : type.type);
}

/** An aligned table under headings. */
export function* tableLines({ columns, rows }: OutputTable): Iterable<string> {
  yield formatTable(
    columns.map(({ name, kind }) => ({ heading: name, figures: kind === 'number' })),
    rows.map((row) => row.map((value) => value ?? 'NULL')),
  );
}

/** One JSON object per row. Numbers keep all their digits; a second column of a name gets a number. */
export function* jsonLines({ columns, rows }: OutputTable): Iterable<string> {
  const keys = uniqueNames(columns.map(({ name }) => name)).map((name) => JSON.stringify(name));
  for (const row of rows) {
    const fields = columns.map(({ kind }, at) => `${keys[at]}:${jsonValue(row[at] ?? null, kind)}`);
    yield `{${fields.join(',')}}`;
  }
}

/** Comma-separated values with a header (RFC 4180). NULL is an empty field, an empty text a quoted one. */
export function* csvLines({ columns, rows }: OutputTable): Iterable<string> {
  yield `${columns.map(({ name }) => csvField(name)).join(',')}\r`;
  for (const row of rows) yield `${row.map(csvField).join(',')}\r`;
}

function jsonValue(value: string | null, kind: ValueKind): string {
  if (value === null) return 'null';
  if (kind === 'number' && /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return value;
  if (kind === 'boolean' && (value === 'true' || value === 'false')) return value;
  return kind === 'json' && isJson(value) ? value : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function csvField(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function uniqueNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; used.has(unique); number++) unique = `${name}_${number}`;
    used.add(unique);
    return unique;
  });
}
