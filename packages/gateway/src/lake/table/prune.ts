import type { ScanFilter } from '../lake.ts';
import type { AddFile } from '../log/actions.ts';
import { columnMappingMode, physicalName } from '../schema/column-mapping.ts';
import type { PrimitiveName, StructType } from '../schema/delta-type.ts';
import { findColumn } from '../schema/find-column.ts';
import { compareExact, exactValue, type ExactValue } from './exact-value.ts';
import { FileStats } from './file-stats.ts';

/** What of a table decides how a filter is held against its files. */
export interface PrunedTable {
  readonly schema: StructType;
  readonly metadata: {
    readonly partitionColumns: readonly string[];
    readonly configuration: Readonly<Record<string, string>>;
  };
}

/** Whether a file may have a row that meets the condition. */
type FileTest = (file: AddFile) => boolean;

const ONE_MILLISECOND = 1000n;

/**
 * The files that may have a row which meets all filters. A file is left out only where its statistics or partition
 * values prove that it has none; a filter on an unknown column, or with a constant that is no value of its type,
 * leaves nothing out.
 */
export function pruneFiles(
  table: PrunedTable,
  files: readonly AddFile[],
  filters: readonly ScanFilter[],
): readonly AddFile[] {
  const tests = filters.map((filter) => fileTest(table, filter)).filter((test) => test !== undefined);
  return tests.length === 0 ? files : files.filter((file) => tests.every((test) => test(file)));
}

function fileTest(table: PrunedTable, filter: ScanFilter): FileTest | undefined {
  const fields = findColumn(table.schema, filter.column);
  const field = fields?.at(-1);
  if (!fields || !field || typeof field.type !== 'string') return undefined;
  const { type } = field;
  const path = physicalPath(table, fields);
  const constants = filter.values.map((text) => exactValue(text, type));
  if (!constants.every((constant) => constant !== undefined)) return undefined;
  const [first] = fields;
  if (fields.length === 1 && first && table.metadata.partitionColumns.includes(first.name)) {
    return (file) => partitionMay(file.partitionValues[path[0] ?? ''], type, filter.operator, constants);
  }
  return (file) => statisticsMay(file, path, type, filter.operator, constants);
}

function physicalPath(table: PrunedTable, fields: NonNullable<ReturnType<typeof findColumn>>): string[] {
  const mode = columnMappingMode(table.metadata.configuration);
  return fields.map((field) => physicalName(field, mode));
}

function partitionMay(
  text: string | null | undefined,
  type: PrimitiveName,
  operator: ScanFilter['operator'],
  constants: readonly ExactValue[],
): boolean {
  if (text === undefined) return true;
  const isNull = text === null || text === '';
  if (operator === 'is null') return isNull;
  if (operator === 'is not null') return !isNull;
  if (isNull) return false;
  const value = exactValue(text, type);
  return value === undefined || rangeMay({ min: value, max: value }, type, operator, constants);
}

function statisticsMay(
  file: AddFile,
  path: readonly string[],
  type: PrimitiveName,
  operator: ScanFilter['operator'],
  constants: readonly ExactValue[],
): boolean {
  const stats = FileStats.of(file);
  if (!stats) return true;
  const { min, max, nullCount } = stats.column(path);
  if (operator === 'is null') return nullCount !== 0;
  if (nullCount !== undefined && nullCount === stats.rows) return false;
  if (operator === 'is not null') return true;
  const range = {
    min: min === undefined ? undefined : lowered(exactValue(min, type), type),
    max: max === undefined ? undefined : lifted(exactValue(max, type), type),
  };
  return rangeMay(range, type, operator, constants);
}

interface Range {
  readonly min: ExactValue | undefined;
  readonly max: ExactValue | undefined;
}

function rangeMay(
  range: Range,
  type: PrimitiveName,
  operator: ScanFilter['operator'],
  constants: readonly ExactValue[],
): boolean {
  if (operator === 'in') return constants.some((constant) => rangeMay(range, type, '=', [constant]));
  const [constant] = constants;
  if (!constant) return true;
  const toMin = range.min && compareExact(range.min, constant);
  const toMax = range.max && compareExact(range.max, constant);
  switch (operator) {
    case '=':
      return !((toMin !== undefined && toMin > 0) || (toMax !== undefined && toMax < 0));
    case '<':
      return toMin === undefined || toMin < 0;
    case '<=':
      return toMin === undefined || toMin <= 0;
    // NaN is greater than every number, and writers leave it out of their bounds.
    case '>':
      return isFloating(type) || toMax === undefined || toMax > 0;
    case '>=':
      return isFloating(type) || toMax === undefined || toMax >= 0;
    default:
      return true;
  }
}

function isFloating(type: PrimitiveName): boolean {
  return type === 'float' || type === 'double';
}

/** The bound as low as the value may be: bounds of floats are decimal texts that may have been rounded. */
function lowered(value: ExactValue | undefined, type: PrimitiveName): ExactValue | undefined {
  return value?.kind === 'double' ? { kind: 'double', value: value.value - slack(value.value, type) } : value;
}

/** The bound as high as the value may be. Bounds of timestamps are cut to milliseconds (PROTOCOL.md, "Per-file Statistics"). */
function lifted(value: ExactValue | undefined, type: PrimitiveName): ExactValue | undefined {
  if (value?.kind === 'double') return { kind: 'double', value: value.value + slack(value.value, type) };
  const isTimestamp = type === 'timestamp' || type === 'timestamp_ntz';
  return value?.kind === 'ordinal' && isTimestamp ? { kind: 'ordinal', value: value.value + ONE_MILLISECOND } : value;
}

function slack(value: number, type: PrimitiveName): number {
  return type === 'float' ? Math.abs(value) * 2 ** -22 + 2 ** -148 : Math.abs(value) * 2 ** -51 + Number.MIN_VALUE;
}
