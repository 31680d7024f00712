import { otelTable, type Signal } from './otel.ts';

const MAP = 'MAP<STRING, STRING>';
const ATTRIBUTES = `attributes: ${MAP}`;
const DROPPED = 'dropped_attributes_count: INT';
const TIMES = 'start_time_unix_nano: LONG, time_unix_nano: LONG';
const EXEMPLARS = `exemplars: ARRAY<STRUCT<time_unix_nano: LONG, value: DOUBLE, span_id: STRING, trace_id: STRING, filtered_attributes: ${MAP}>>`;
const NUMBER = `${TIMES}, value: DOUBLE, ${EXEMPLARS}, ${ATTRIBUTES}, flags: INT`;
const BUCKETS = 'STRUCT<offset: INT, bucket_counts: ARRAY<LONG>>';
const TEMPORALITY = 'aggregation_temporality: STRING';
/** What every table ends with, before its own schema URL. */
const TAIL = [
  `resource STRUCT<${ATTRIBUTES}, ${DROPPED}>`,
  'resource_schema_url STRING',
  `instrumentation_scope STRUCT<name: STRING, version: STRING, ${ATTRIBUTES}, ${DROPPED}>`,
];

/** Columns of schema version 1 (seed page, step 1; unity-ai-gateway 9.2). */
const COLUMNS: Readonly<Record<Signal, readonly string[]>> = {
  metrics: [
    'name STRING',
    'description STRING',
    'unit STRING',
    'metric_type STRING',
    `gauge STRUCT<${NUMBER}>`,
    `sum STRUCT<${NUMBER}, ${TEMPORALITY}, is_monotonic: BOOLEAN>`,
    `histogram STRUCT<${TIMES}, count: LONG, sum: DOUBLE, bucket_counts: ARRAY<LONG>, explicit_bounds: ARRAY<DOUBLE>, ${EXEMPLARS}, ${ATTRIBUTES}, flags: INT, min: DOUBLE, max: DOUBLE, ${TEMPORALITY}>`,
    `exponential_histogram STRUCT<${ATTRIBUTES}, ${TIMES}, count: LONG, sum: DOUBLE, scale: INT, zero_count: LONG, positive_bucket: ${BUCKETS}, negative_bucket: ${BUCKETS}, flags: INT, ${EXEMPLARS}, min: DOUBLE, max: DOUBLE, zero_threshold: DOUBLE, ${TEMPORALITY}>`,
    `summary STRUCT<${TIMES}, count: LONG, sum: DOUBLE, quantile_values: ARRAY<STRUCT<quantile: DOUBLE, value: DOUBLE>>, ${ATTRIBUTES}, flags: INT>`,
    `metadata ${MAP}`,
    ...TAIL,
    'metric_schema_url STRING',
  ],
  logs: [
    'event_name STRING',
    'trace_id STRING',
    'span_id STRING',
    'time_unix_nano LONG',
    'observed_time_unix_nano LONG',
    'severity_number STRING',
    'severity_text STRING',
    'body STRING',
    `attributes ${MAP}`,
    'dropped_attributes_count INT',
    'flags INT',
    ...TAIL,
    'log_schema_url STRING',
  ],
  traces: [
    'trace_id STRING',
    'span_id STRING',
    'trace_state STRING',
    'parent_span_id STRING',
    'flags INT',
    'name STRING',
    'kind STRING',
    'start_time_unix_nano LONG',
    'end_time_unix_nano LONG',
    `attributes ${MAP}`,
    'dropped_attributes_count INT',
    `events ARRAY<STRUCT<time_unix_nano: LONG, name: STRING, ${ATTRIBUTES}, ${DROPPED}>>`,
    'dropped_events_count INT',
    `links ARRAY<STRUCT<trace_id: STRING, span_id: STRING, trace_state: STRING, ${ATTRIBUTES}, ${DROPPED}, flags: INT>>`,
    'dropped_links_count INT',
    'status STRUCT<message: STRING, code: STRING>',
    ...TAIL,
    'span_schema_url STRING',
  ],
};

/** The statement that makes the table of a signal where it is not there yet. */
export function createTableStatement(tablePrefix: string, signal: Signal): string {
  const name = otelTable(tablePrefix, signal).replaceAll(/[^.]+/g, '`$&`');
  const columns = COLUMNS[signal].map((column) => `  ${column}`).join(',\n');
  return `CREATE TABLE IF NOT EXISTS ${name} (\n${columns}\n) USING DELTA\nTBLPROPERTIES ('otel.schemaVersion' = 'v1')`;
}
