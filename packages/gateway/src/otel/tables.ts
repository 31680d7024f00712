import {
  array,
  field,
  map,
  struct,
  type DeltaType,
  type StructField,
  type StructType,
} from '../lake/schema/delta-type.ts';
import type { OtelSchemaVersion, Signal } from './signal.ts';

export const signals: readonly Signal[] = ['metrics', 'logs', 'traces'];
export const schemaVersions: readonly OtelSchemaVersion[] = ['v1', 'v2'];

/** Property of a table that says which of the schemas it has. */
export const SCHEMA_VERSION_PROPERTY = 'otel.schemaVersion';

/** End of a table's name, after the prefix that its maker chose: `agents_otel_metrics`. */
export const tableSuffixes: Readonly<Record<Signal, string>> = {
  metrics: 'otel_metrics',
  logs: 'otel_logs',
  traces: 'otel_spans',
};

/**
 * Columns of the OpenTelemetry tables (unity-ai-gateway 9.2 and 9.3), in the order of the vendor's pages.
 *
 * In v2 the columns that the vendor has as VARIANT are STRING here and hold JSON, since VARIANT needs
 * protocol features that many readers lack. They are the attributes (also those in structs), the body of a
 * log record and the metadata of a metric; `body` is the JSON of the value, so text stands in quotes.
 */
export function otelSchema(signal: Signal, version: OtelSchemaVersion): StructType {
  return schemas[version][signal];
}

const schemas = {
  v1: { metrics: metricsSchema('v1'), logs: logsSchema('v1'), traces: spansSchema('v1') },
  v2: { metrics: metricsSchema('v2'), logs: logsSchema('v2'), traces: spansSchema('v2') },
} as const satisfies Record<OtelSchemaVersion, Record<Signal, StructType>>;

/** TBLPROPERTIES of a new table. */
export function otelProperties(version: OtelSchemaVersion): Record<string, string> {
  return version === 'v1'
    ? { [SCHEMA_VERSION_PROPERTY]: 'v1' }
    : { [SCHEMA_VERSION_PROPERTY]: 'v2', 'delta.checkpointPolicy': 'classic' };
}

/** What attributes are stored as. */
function bag(version: OtelSchemaVersion): DeltaType {
  return version === 'v1' ? map('string', 'string') : 'string';
}

function strings(...names: readonly string[]): StructField[] {
  return names.map((name) => field(name, 'string'));
}

/** The columns that v2 has before all others. */
function identity(version: OtelSchemaVersion): StructField[] {
  if (version === 'v1') return [];
  return [
    field('record_id', 'string'),
    field('time', 'timestamp'),
    field('date', 'date'),
    field('service_name', 'string'),
  ];
}

/** The columns that every table ends with: who sent the record. */
function tail(version: OtelSchemaVersion, schemaUrl: string): StructField[] {
  const attributes = [field('attributes', bag(version)), field('dropped_attributes_count', 'integer')];
  return [
    field('resource', struct(...attributes)),
    field('resource_schema_url', 'string'),
    field('instrumentation_scope', struct(...strings('name', 'version'), ...attributes)),
    field(schemaUrl, 'string'),
  ];
}

function metricsSchema(version: OtelSchemaVersion): StructType {
  const times = [field('start_time_unix_nano', 'long'), field('time_unix_nano', 'long')];
  const inStruct = version === 'v1' ? times : [];
  const attributes = field('attributes', bag(version));
  const flags = field('flags', 'integer');
  const exemplar = struct(
    field('time_unix_nano', 'long'),
    field('value', 'double'),
    ...strings('span_id', 'trace_id'),
    field('filtered_attributes', bag(version)),
  );
  const exemplars = field('exemplars', array(exemplar));
  const number = [...inStruct, field('value', 'double'), exemplars, attributes, flags];
  const countAndSum = [field('count', 'long'), field('sum', 'double')];
  const minAndMax = [field('min', 'double'), field('max', 'double')];
  const temporality = field('aggregation_temporality', 'string');
  const buckets = struct(field('offset', 'integer'), field('bucket_counts', array('long')));
  const quantile = struct(field('quantile', 'double'), field('value', 'double'));
  return struct(
    ...identity(version),
    ...(version === 'v1' ? [] : times),
    ...strings('name', 'description', 'unit', 'metric_type'),
    field('gauge', struct(...number)),
    field('sum', struct(...number, temporality, field('is_monotonic', 'boolean'))),
    field(
      'histogram',
      struct(
        ...inStruct,
        ...countAndSum,
        field('bucket_counts', array('long')),
        field('explicit_bounds', array('double')),
        exemplars,
        attributes,
        flags,
        ...minAndMax,
        temporality,
      ),
    ),
    field(
      'exponential_histogram',
      struct(
        attributes,
        ...inStruct,
        ...countAndSum,
        field('scale', 'integer'),
        field('zero_count', 'long'),
        field('positive_bucket', buckets),
        field('negative_bucket', buckets),
        flags,
        exemplars,
        ...minAndMax,
        field('zero_threshold', 'double'),
        temporality,
      ),
    ),
    field('summary', struct(...inStruct, ...countAndSum, field('quantile_values', array(quantile)), attributes, flags)),
    field('metadata', bag(version)),
    ...tail(version, 'metric_schema_url'),
  );
}

function logsSchema(version: OtelSchemaVersion): StructType {
  return struct(
    ...identity(version),
    ...strings('event_name', 'trace_id', 'span_id'),
    field('time_unix_nano', 'long'),
    field('observed_time_unix_nano', 'long'),
    ...strings('severity_number', 'severity_text', 'body'),
    field('attributes', bag(version)),
    field('dropped_attributes_count', 'integer'),
    field('flags', 'integer'),
    ...tail(version, 'log_schema_url'),
  );
}

function spansSchema(version: OtelSchemaVersion): StructType {
  const attributes = [field('attributes', bag(version)), field('dropped_attributes_count', 'integer')];
  const event = struct(field('time_unix_nano', 'long'), field('name', 'string'), ...attributes);
  const link = struct(...strings('trace_id', 'span_id', 'trace_state'), ...attributes, field('flags', 'integer'));
  return struct(
    ...identity(version),
    ...strings('trace_id', 'span_id', 'trace_state', 'parent_span_id'),
    field('flags', 'integer'),
    ...strings('name', 'kind'),
    field('start_time_unix_nano', 'long'),
    field('end_time_unix_nano', 'long'),
    ...attributes,
    field('events', array(event)),
    field('dropped_events_count', 'integer'),
    field('links', array(link)),
    field('dropped_links_count', 'integer'),
    field('status', struct(...strings('message', 'code'))),
    ...tail(version, 'span_schema_url'),
  );
}
