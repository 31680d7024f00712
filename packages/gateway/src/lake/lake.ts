import type { StructType } from './schema/delta-type.ts';

/** One table: where it is, and which one. A table that was dropped and made again at the place has another id. */
export interface TableRef {
  /** `metaData.id`. */
  readonly id: string;
  /** Directory of the table, relative to the store's root, without a slash at its end. */
  readonly location: string;
}

/** A version of a table to read. Left out: the newest. */
export type TableVersion = { readonly version: number } | { readonly timestamp: number };

export interface NewTable {
  readonly id: string;
  readonly location: string;
  readonly schema: StructType;
  /** TBLPROPERTIES, into `metaData.configuration`. */
  readonly properties: Readonly<Record<string, string>>;
  readonly comment?: string | undefined;
  readonly partitionColumns?: readonly string[];
}

export interface TableDescription {
  readonly id: string;
  readonly version: number;
  readonly schema: StructType;
  readonly properties: Readonly<Record<string, string>>;
  readonly comment: string | undefined;
  readonly partitionColumns: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined;
  /** When this version was committed, milliseconds since 1970. */
  readonly committedAt: number;
  readonly files: number;
  /** Bytes of the data files. */
  readonly bytes: number;
  /** Sum of the files' statistics, `undefined` where one has none. */
  readonly rows: number | undefined;
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly features: readonly string[];
  /** URI other engines open: `file:///…`, `s3://…`. */
  readonly uri: string;
}

/**
 * One condition of a conjunction that rows must meet, for leaving files out by their statistics. Files are
 * left out only where no row can meet it; whoever asks still filters the rows.
 */
export interface ScanFilter {
  /** Column and nested fields, logical names. */
  readonly column: readonly string[];
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'in' | 'is null' | 'is not null';
  /**
   * Constants as text: numbers in decimal, timestamps as ISO 8601 UTC with up to microseconds, dates as
   * `YYYY-MM-DD`, booleans `true` and `false`. One, but for `in` (any number) and the null tests (none).
   */
  readonly values: readonly string[];
}

export interface ScanRequest {
  readonly at?: TableVersion | undefined;
  readonly filters?: readonly ScanFilter[] | undefined;
}

/** How DuckDB reads a version of a table. */
export interface Scan {
  readonly version: number;
  readonly schema: StructType;
  /**
   * A DuckDB SELECT that gives the table's rows under their logical names and types: column mapping,
   * deletion vectors, partition values and columns missing in old files are dealt with in it.
   */
  readonly sql: string;
  /** Absolute paths of all files that `sql` reads. */
  readonly paths: readonly string[];
  /** Files of the version, those left out included. */
  readonly totalFiles: number;
}

export interface Append {
  /** Refused with `caller_table_not_found` when the table at the place has another id. */
  readonly table: TableRef;
  /** Rows as NDJSON, one object per line, each line ended by a newline; missing columns are null, unknown ones left out. */
  readonly rows: readonly Uint8Array[];
  /** Makes the append idempotent: it is skipped when `version` or a later one of `appId` is in the table already. */
  readonly transaction?: { readonly appId: string; readonly version: number } | undefined;
}

export interface AppendResult {
  readonly version: number;
  /** True where the transaction had been committed before. */
  readonly skipped: boolean;
  readonly rows: number;
}

export interface CommitSummary {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly operation: string;
  readonly operationParameters: Readonly<Record<string, unknown>>;
  readonly operationMetrics: Readonly<Record<string, string>>;
  readonly isBlindAppend: boolean | undefined;
  readonly engineInfo: string | undefined;
  readonly userName: string | undefined;
}

/** A change of a table's metadata. */
export type TableChange =
  | { readonly kind: 'set-properties'; readonly properties: Readonly<Record<string, string>> }
  | { readonly kind: 'unset-properties'; readonly keys: readonly string[] }
  | { readonly kind: 'set-comment'; readonly comment: string | undefined }
  | { readonly kind: 'set-column-comment'; readonly column: readonly string[]; readonly comment: string | undefined }
  | { readonly kind: 'add-columns'; readonly fields: StructType };

export interface OptimizeResult {
  readonly version: number;
  readonly filesRemoved: number;
  readonly filesAdded: number;
  readonly bytesRemoved: number;
  readonly bytesAdded: number;
}

export interface VacuumRequest {
  /** Hours a removed file is kept. Default: `delta.deletedFileRetentionDuration`, else 168. */
  readonly retentionHours?: number | undefined;
  /** Only says what would be deleted. */
  readonly dryRun?: boolean;
}

export interface VacuumResult {
  /** Keys below the table's location. */
  readonly deleted: readonly string[];
}

/** What maintenance did to a table in one round. */
export interface MaintenanceResult {
  readonly optimized: OptimizeResult | undefined;
  readonly checkpointed: boolean;
  readonly expiredRows: number;
  readonly vacuumedFiles: number;
  readonly cleanedLogFiles: number;
}

/**
 * Delta tables on one store. All methods may be called at once and from several processes; they throw
 * GatewayError `caller_table_not_found`, `gateway_lake_unsupported` (features by name), `gateway_lake_conflict`,
 * `gateway_lake_unavailable` (storage fails, disk full).
 */
export interface Lake {
  /** Makes an empty table. `caller_already_exists` where a log is at the place already. */
  createTable(table: NewTable, userName?: string): Promise<{ readonly version: number }>;
  describe(location: string, at?: TableVersion): Promise<TableDescription>;
  scan(location: string, request?: ScanRequest): Promise<Scan>;
  append(append: Append): Promise<AppendResult>;
  /** Version last committed by `appId`, or `undefined`. */
  lastTransaction(table: TableRef, appId: string): Promise<number | undefined>;
  alter(location: string, change: TableChange, userName?: string): Promise<{ readonly version: number }>;
  /** Newest first. */
  history(location: string, limit?: number): Promise<CommitSummary[]>;
  /** Compacts small files. Rows and their values stay as they are. */
  optimize(location: string, userName?: string): Promise<OptimizeResult>;
  vacuum(location: string, request?: VacuumRequest, userName?: string): Promise<VacuumResult>;
  /** Deletes rows whose timestamp `column` (TIMESTAMP, or LONG of nanoseconds) lies before `before`, milliseconds since 1970. */
  deleteBefore(location: string, column: readonly string[], before: number): Promise<{ readonly rows: number }>;
  /** One round of upkeep: checkpoint, compaction, log clean-up, vacuum, as far as each is due. */
  maintain(location: string): Promise<MaintenanceResult>;
  /** Deletes the table's directory with everything in it. */
  remove(location: string): Promise<void>;
}
