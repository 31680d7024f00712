import type { DeltaType } from '../lake/schema/delta-type.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: DeltaType;
}

/**
 * What a statement gives. Values are text as the SQL Statement Execution API's JSON_ARRAY format has them:
 * numbers in decimal, booleans `true`/`false`, dates `YYYY-MM-DD`, timestamps ISO 8601 in UTC with
 * milliseconds (`2026-11-22T10:00:00.123Z`), binary as base64, structs, arrays and maps as JSON; null is null.
 */
export interface ResultTable {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** More rows were there than the row or byte limit let through. */
  readonly truncated: boolean;
}

/** For statements that give nothing. */
export const EMPTY_RESULT: ResultTable = { columns: [], rows: [], truncated: false };
