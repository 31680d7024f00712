/** How long rows of a table are kept, and which columns say when they are from. */
export interface Retention {
  readonly days: number;
  /** Paths of columns, TIMESTAMP or LONG of nanoseconds. A row goes when one of them is older; NULL is never older. */
  readonly columns: readonly (readonly string[])[];
}

/** Days rows are kept. */
export const RETENTION_DAYS = 'ucode.retention.days';
/** Columns that say when a row is from, separated by commas, nested fields by dots. */
export const RETENTION_COLUMNS = 'ucode.retention.columns';

/** What a table's properties say of retention. `undefined`: rows are kept for ever, or the properties make no sense. */
export function retentionOf(properties: Readonly<Record<string, string>>): Retention | undefined {
  const days = Number(properties[RETENTION_DAYS]);
  const columns = (properties[RETENTION_COLUMNS] ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => path.split('.'));
  return Number.isInteger(days) && days > 0 && columns.length > 0 ? { days, columns } : undefined;
}
