import { array, field, map, struct, type StructField, type StructType } from '../schema/delta-type.ts';

const attributes = map('string', 'string');

const exemplars = array(
  struct(
    field('time_unix_nano', 'long'),
    field('value', 'double'),
    field('span_id', 'string'),
    field('trace_id', 'string'),
    field('filtered_attributes', attributes),
  ),
);

const times: readonly StructField[] = [field('start_time_unix_nano', 'long'), field('time_unix_nano', 'long')];
const counted: readonly StructField[] = [...times, field('count', 'long'), field('sum', 'double')];
const bucket = struct(field('offset', 'integer'), field('bucket_counts', array('long')));
const number: readonly StructField[] = [
  ...times,
  field('value', 'double'),
  field('exemplars', exemplars),
  field('attributes', attributes),
  field('flags', 'integer'),
];

/** A table of OpenTelemetry metrics: nested as deep as real ones are, with some 90 leaves. */
export function metricsSchema(): StructType {
  return struct(
    field('name', 'string'),
    field('description', 'string'),
    field('unit', 'string'),
    field('metric_type', 'string'),
    field('gauge', struct(...number)),
    field('sum', struct(...number, field('aggregation_temporality', 'string'), field('is_monotonic', 'boolean'))),
    field(
      'histogram',
      struct(
        ...counted,
        field('bucket_counts', array('long')),
        field('explicit_bounds', array('double')),
        field('exemplars', exemplars),
        field('attributes', attributes),
        field('flags', 'integer'),
        field('min', 'double'),
        field('max', 'double'),
        field('aggregation_temporality', 'string'),
      ),
    ),
    field(
      'exponential_histogram',
      struct(
        field('attributes', attributes),
        ...counted,
        field('scale', 'integer'),
        field('zero_count', 'long'),
        field('positive_bucket', bucket),
        field('negative_bucket', bucket),
        field('flags', 'integer'),
        field('exemplars', exemplars),
        field('min', 'double'),
        field('max', 'double'),
        field('zero_threshold', 'double'),
        field('aggregation_temporality', 'string'),
      ),
    ),
    field(
      'summary',
      struct(
        ...counted,
        field('quantile_values', array(struct(field('quantile', 'double'), field('value', 'double')))),
        field('attributes', attributes),
        field('flags', 'integer'),
      ),
    ),
    field('metadata', attributes),
    field('resource', struct(field('attributes', attributes), field('dropped_attributes_count', 'integer'))),
    field('resource_schema_url', 'string'),
    field(
      'instrumentation_scope',
      struct(
        field('name', 'string'),
        field('version', 'string'),
        field('attributes', attributes),
        field('dropped_attributes_count', 'integer'),
      ),
    ),
    field('metric_schema_url', 'string'),
  );
}
