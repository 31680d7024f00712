import { describe, expect, it } from 'vitest';
import type { DeltaType } from '../../lake/schema/delta-type.ts';
import type { Signal } from '../signal.ts';
import { otelSchema, schemaVersions } from '../tables.ts';
import {
  decoded,
  logsRequest,
  metricsRequest,
  parseRows,
  rowsOf,
  spansRequest,
  text,
  type Row,
} from '../testing/decoded-rows.ts';

const times = { startTimeUnixNano: '1763800000123456788', timeUnixNano: '1763800000123456789' };
const exemplar = { timeUnixNano: '1763800000123456787', asInt: '-7', traceId: 'AB'.repeat(16), spanId: 'cd'.repeat(8) };

const everyMetric = metricsRequest(
  {
    name: 'g',
    description: 'd',
    unit: 'u',
    metadata: [text('m', 'n')],
    gauge: { dataPoints: [{ ...times, asDouble: 1.5 }] },
  },
  {
    name: 's',
    sum: {
      aggregationTemporality: 1,
      isMonotonic: true,
      dataPoints: [
        { ...times, asInt: '9007199254740993', flags: 1, exemplars: [exemplar], attributes: [text('a', 'b')] },
      ],
    },
  },
  {
    name: 'h',
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [{ ...times, count: '3', sum: 4.5, bucketCounts: ['1', '2'], explicitBounds: [0.5], min: 1, max: 2 }],
    },
  },
  {
    name: 'e',
    exponentialHistogram: {
      aggregationTemporality: 1,
      dataPoints: [
        {
          ...times,
          count: '6',
          scale: -2,
          zeroCount: '1',
          positive: { offset: -3, bucketCounts: ['300'] },
          zeroThreshold: 0.1,
        },
      ],
    },
  },
  {
    name: 'q',
    summary: { dataPoints: [{ ...times, count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 2 }] }] },
  },
);
const everySpan = spansRequest({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'turn',
  kind: 2,
  startTimeUnixNano: '1763800000123456789',
  endTimeUnixNano: '1763800001123456789',
  attributes: [text('a', 'b')],
  events: [{ timeUnixNano: '1763800000123456790', name: 'e', attributes: [text('c', 'd')] }],
  links: [{ traceId: '01', spanId: '02', traceState: 's', flags: 3 }],
  status: { code: 1, message: 'fine' },
});
const everyLog = logsRequest({
  timeUnixNano: '1763800000123456789',
  observedTimeUnixNano: '1763800000123456790',
  severityNumber: 9,
  severityText: 'INFO',
  body: { stringValue: 'hello' },
  attributes: [text('a', 'b')],
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  flags: 1,
});

describe('metrics', () => {
  const rows = rowsOf('metrics', everyMetric);

  it('makes one row per data point, with the struct of its type', () => {
    expect(rows.map((row) => row['metric_type'])).toEqual([
      'gauge',
      'sum',
      'histogram',
      'exponential_histogram',
      'summary',
    ]);
    for (const row of rows) expect(row[row['metric_type']]).toMatchObject({ time_unix_nano: '1763800000123456789' });
  });

  it('fills what all rows share', () => {
    expect(rows[0]).toMatchObject({
      name: 'g',
      description: 'd',
      unit: 'u',
      metadata: { m: 'n' },
      resource: { attributes: { 'service.name': 'agent' }, dropped_attributes_count: 0 },
      instrumentation_scope: { name: 'scope', version: '1', attributes: {}, dropped_attributes_count: 0 },
    });
  });

  it('fills the structs', () => {
    expect(rows[1]!['sum']).toEqual({
      start_time_unix_nano: '1763800000123456788',
      time_unix_nano: '1763800000123456789',
      // The column is DOUBLE: the nearest one.
      value: '9007199254740992',
      flags: 1,
      attributes: { a: 'b' },
      exemplars: [
        {
          time_unix_nano: '1763800000123456787',
          value: -7,
          span_id: 'cd'.repeat(8),
          trace_id: 'ab'.repeat(16),
          filtered_attributes: {},
        },
      ],
      aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA',
      is_monotonic: true,
    });
    expect(rows[2]!['histogram']).toMatchObject({
      count: 3,
      sum: 4.5,
      bucket_counts: [1, 2],
      explicit_bounds: [0.5],
      min: 1,
      max: 2,
      aggregation_temporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
    });
    expect(rows[3]!['exponential_histogram']).toMatchObject({
      count: 6,
      sum: null,
      scale: -2,
      zero_count: 1,
      positive_bucket: { offset: -3, bucket_counts: [300] },
      negative_bucket: null,
      zero_threshold: 0.1,
    });
    expect(rows[4]!['summary']).toMatchObject({ count: 2, sum: 3, quantile_values: [{ quantile: 0.5, value: 2 }] });
  });

  it('writes NaN and infinities as strings', () => {
    const points = ['NaN', 'Infinity', '-Infinity', -0].map((asDouble) => ({ asDouble }));
    const values = rowsOf('metrics', metricsRequest({ name: 'g', gauge: { dataPoints: points } }), {
      encoding: 'json',
    });
    expect(values.map((row) => row['gauge'].value)).toEqual(['NaN', 'Infinity', '-Infinity', 0]);
  });

  it('refuses points without a value and metrics without data, and keeps the others', () => {
    const request = metricsRequest({ name: 'none' }, { name: 'g', gauge: { dataPoints: [{}, { asDouble: 1 }, {}] } });
    expect(decoded('metrics', request)).toMatchObject({
      rows: 1,
      rejected: 3,
      message: 'a metric has no data, or data of a type that is not known; a number data point has no value (2 times)',
    });
  });

  it('keeps a point that says that it has no value', () => {
    const [row] = rowsOf('metrics', metricsRequest({ name: 'g', gauge: { dataPoints: [{ flags: 1 }] } }));
    expect(row!['gauge']).toMatchObject({ value: null, flags: 1 });
  });

  it('refuses a number that no LONG holds', () => {
    const point = { count: '18446744073709551615' };
    const result = decoded(
      'metrics',
      metricsRequest({ name: 'h', histogram: { dataPoints: [point, { count: '1' }] } }),
    );
    expect(result).toMatchObject({ rows: 1, rejected: 1 });
    expect(parseRows(result).map((row) => row['histogram'].count)).toEqual([1]);
    expect(result.message).toContain('LONG');
  });
});

describe('logs', () => {
  it('fills a row', () => {
    expect(rowsOf('logs', everyLog)[0]).toMatchObject({
      event_name: 'hello',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
      time_unix_nano: '1763800000123456789',
      observed_time_unix_nano: '1763800000123456790',
      severity_number: 'SEVERITY_NUMBER_INFO',
      severity_text: 'INFO',
      body: 'hello',
      attributes: { a: 'b' },
      flags: 1,
    });
  });

  it('has null for ids, body and name that are not there', () => {
    expect(rowsOf('logs', logsRequest({ timeUnixNano: '1' }))[0]).toMatchObject({
      event_name: null,
      trace_id: null,
      span_id: null,
      body: null,
      severity_number: 'SEVERITY_NUMBER_UNSPECIFIED',
    });
  });

  it('takes the time of receipt where a record has no time at all', () => {
    const nanoseconds = `${Date.UTC(2026, 10, 22, 10)}000000`;
    expect(rowsOf('logs', logsRequest({}))[0]).toMatchObject({
      time_unix_nano: nanoseconds,
      observed_time_unix_nano: nanoseconds,
    });
  });
});

describe('spans', () => {
  it('fills a row', () => {
    expect(rowsOf('traces', everySpan)[0]).toMatchObject({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
      parent_span_id: null,
      name: 'turn',
      kind: 'SPAN_KIND_SERVER',
      start_time_unix_nano: '1763800000123456789',
      end_time_unix_nano: '1763800001123456789',
      attributes: { a: 'b' },
      events: [{ name: 'e', attributes: { c: 'd' }, dropped_attributes_count: 0 }],
      links: [{ trace_id: '01', span_id: '02', trace_state: 's', attributes: {}, flags: 3 }],
      status: { code: 'STATUS_CODE_OK', message: 'fine' },
    });
  });
});

describe('attribute values', () => {
  const attributes = [
    { key: 'int', value: { intValue: '-9223372036854775808' } },
    { key: 'double', value: { doubleValue: 0.1 } },
    { key: 'bool', value: { boolValue: false } },
    { key: 'null', value: {} },
    { key: 'bytes', value: { bytesValue: 'AP8=' } },
    { key: 'list', value: { arrayValue: { values: [{ stringValue: '"' }, { intValue: '2' }, {}] } } },
    { key: 'object', value: { kvlistValue: { values: [text('k.v"', 'ü'), text('k.v"', 'z')] } } },
    text('a.b"c\\', 'first'),
    text('a.b"c\\', 'last\u0000\n'),
  ];

  it('become text in v1', () => {
    expect(rowsOf('logs', logsRequest({ attributes }))[0]!['attributes']).toEqual({
      int: '-9223372036854775808',
      double: '0.1',
      bool: 'false',
      null: 'null',
      bytes: 'AP8=',
      list: '["\\"",2,null]',
      object: '{"k.v\\"":"z"}',
      'a.b"c\\': 'last\u0000\n',
    });
  });

  it('become JSON text with their types in v2', () => {
    const [row] = rowsOf('logs', logsRequest({ attributes, body: { intValue: '9007199254740993' } }), {
      version: 'v2',
    });
    expect(row!['attributes']).toBe(
      '{"int":-9223372036854775808,"double":0.1,"bool":false,"null":null,"bytes":"AP8=","list":["\\"",2,null],"object":{"k.v\\"":"z"},"a.b\\"c\\\\":"last\\u0000\\n"}',
    );
    expect(row!['body']).toBe('9007199254740993');
  });
});

describe('v2', () => {
  it('adds id, time, date and service', () => {
    const [row, next] = rowsOf('logs', logsRequest({ timeUnixNano: '1763800000123456789' }, {}), { version: 'v2' });
    expect(row).toMatchObject({ time: '2025-11-22T08:26:40.123456Z', date: '2025-11-22', service_name: 'agent' });
    expect(row!['record_id']).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(next!['record_id'] > row!['record_id']).toBe(true);
  });
});

describe.each(schemaVersions)('columns of %s', (version) => {
  const metricTypes = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'];

  it.each<[Signal, object]>([
    ['metrics', everyMetric],
    ['logs', everyLog],
    ['traces', everySpan],
  ])('%s rows fill exactly the columns of the table', (signal, request) => {
    // A row of a metric leaves the structs of the other types out.
    const unused = signal === 'metrics' ? Object.fromEntries(metricTypes.map((name) => [name, null])) : {};
    for (const row of rowsOf(signal, request, { version }))
      checkType({ ...unused, ...row }, otelSchema(signal, version), signal);
  });
});

/** Fails where a value has other fields than its type, or is of another kind. */
function checkType(value: unknown, type: DeltaType, path: string): void {
  if (value === null) return;
  if (typeof type === 'string') {
    const kind = ['string', 'timestamp', 'date'].includes(type) ? 'string' : type === 'boolean' ? 'boolean' : 'number';
    const digits = (type === 'long' || type === 'double') && typeof value === 'string' && /^-?\d+$/.test(value);
    if (!digits) expect(typeof value, path).toBe(kind);
  } else if (type.type === 'array') {
    for (const one of value as unknown[]) checkType(one, type.elementType, `${path}[]`);
  } else if (type.type === 'map') {
    for (const one of Object.values(value as Row)) expect(typeof one, path).toBe('string');
  } else {
    expect(Object.keys(value as Row).toSorted(), path).toEqual(type.fields.map(({ name }) => name).toSorted());
    for (const { name, type: inner } of type.fields) checkType((value as Row)[name], inner, `${path}.${name}`);
  }
}
