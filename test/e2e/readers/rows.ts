import { array, field, map, struct } from '../../../packages/gateway/src/lake/schema/delta-type.ts';

/** Every type we write, with nesting. */
export const typesSchema = struct(
  field('id', 'long'),
  field('text', 'string'),
  field('small', 'integer'),
  field('tiny', 'byte'),
  field('short', 'short'),
  field('single', 'float'),
  field('double', 'double'),
  field('flag', 'boolean'),
  field('day', 'date'),
  field('at', 'timestamp'),
  field('exact', 'decimal(38,12)'),
  field('odd-näme', 'string'),
  field(
    'nested',
    struct(
      field('list', array('long')),
      field('tags', map('string', 'string')),
      field('deep', struct(field('x', 'double'))),
    ),
  ),
  field('structs', array(struct(field('a', 'integer'), field('b', 'string')))),
);

/** One row; nulls, extremes and odd text come round. Numbers beyond 2^53 are text in JSON, as DuckDB reads both. */
export function typesRow(n: number, now: number): object {
  if (n % 7 === 0) return { id: String(n), at: new Date(now).toISOString() };
  return {
    id: n % 5 === 0 ? '9007199254740993' : String(-n),
    text: ['', 'a', 'ünïcødé ✓ 日本', 'it\'s "quoted"\n\\ and \u0000?'.replace('\u0000', ''), 'x'.repeat(100)][n % 5],
    small: n % 3 === 0 ? -2_147_483_648 : n,
    tiny: n % 128,
    short: -(n % 30_000),
    single: n / 4,
    double: n % 4 === 0 ? 'NaN' : n % 4 === 1 ? '-Infinity' : n / 3,
    flag: n % 2 === 0,
    day: '2026-11-22',
    at: new Date(now + (n % 1000)).toISOString(),
    exact: `${n}.000000000001`,
    'odd-näme': n % 2 === 0 ? null : 'set',
    nested:
      n % 3 === 0
        ? null
        : { list: [1, null, n], tags: { 'a.b"c': 'v', empty: '' }, deep: { x: n % 2 === 0 ? null : 0.1 } },
    structs: n % 4 === 0 ? [] : [{ a: n, b: null }, null, { a: null, b: 'z' }],
  };
}

/** A data point of the metrics table. */
export function metricRow(n: number, now: number): object {
  return {
    name: 'claude_code.token.usage',
    unit: 'tokens',
    metric_type: 'sum',
    sum: {
      start_time_unix_nano: `${now}000001`,
      time_unix_nano: `${now}000123`,
      value: n,
      exemplars: [],
      attributes: { type: n % 2 === 0 ? 'input' : 'output', model: 'claude-sonnet-5' },
      flags: 0,
      aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA',
      is_monotonic: true,
    },
    resource: { attributes: { 'service.name': 'claude-code' }, dropped_attributes_count: 0 },
  };
}

/** A usage record, as far as readers care. */
export function usageRow(n: number, now: number): object {
  return {
    account_id: '0',
    request_id: `r-${n}`,
    invocation_id: `i-${n}`,
    schema_version: 1,
    event_time: new Date(now + (n % 1000)).toISOString(),
    request_tags: { team: 'a' },
    requester: 'ada@example.com',
    input_tokens: n,
    token_details: { cache_read_input_tokens: 1 },
    routing_information: { attempts: [{ priority: 0, action: 'INITIAL_ATTEMPT', destination: 'd', status_code: 200 }] },
    cost_usd: '0.001234500000',
    is_final: true,
  };
}
