import type { StructType } from '../lake/schema/delta-type.ts';

/** The signals of OTLP, as its paths name them. */
export type Signal = 'metrics' | 'logs' | 'traces';

/** `otel.schemaVersion` of a table (unity-ai-gateway 9.2, 9.3). */
export type OtelSchemaVersion = 'v1' | 'v2';

/** What an export request became. */
export interface DecodedExport {
  /** NDJSON in the columns of the table's schema. */
  readonly lines: Uint8Array;
  readonly rows: number;
  /** Data points, log records or spans that were refused, for the partial success. */
  readonly rejected: number;
  /** Why; empty where nothing was. */
  readonly message: string;
}

/** A table's columns for a signal, checked against what this writer fills. */
export interface OtelTableShape {
  readonly signal: Signal;
  readonly version: OtelSchemaVersion;
  readonly schema: StructType;
}
