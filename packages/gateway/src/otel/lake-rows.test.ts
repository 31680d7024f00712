import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LakePlace } from '../lake/testing/lake-place.ts';
import type { OtelSchemaVersion, Signal } from './signal.ts';
import { otelSchema, schemaVersions } from './tables.ts';
import { decoded, logsRequest, metricsRequest, spansRequest, text } from './testing/decoded-rows.ts';

let place: LakePlace;
beforeAll(async () => {
  place = await LakePlace.make();
});
afterAll(() => place.remove());

async function stored(signal: Signal, version: OtelSchemaVersion, request: object, sql: string): Promise<unknown[]> {
  const table = await place.table(`${signal}_${version}`, otelSchema(signal, version));
  const { lines } = decoded(signal, request, { version });
  await place.lake.append({ table, rows: [lines] });
  return place.query(table, sql);
}

const hostile = text('a.b"c\\\u0000', 'x\u0000"\ud83d\ude00');

describe.each(schemaVersions)('rows of %s in Delta tables', (version) => {
  it('hold metrics', async () => {
    const times = { timeUnixNano: '1763800000123456789' };
    const request = metricsRequest(
      {
        name: 'g',
        gauge: {
          dataPoints: ['NaN', '-Infinity', 2.5].map((asDouble) => ({ ...times, asDouble, attributes: [hostile] })),
        },
      },
      {
        name: 'h',
        histogram: {
          dataPoints: [
            { ...times, count: '9007199254740993', bucketCounts: ['9223372036854775807'], explicitBounds: [0.5] },
          ],
        },
      },
    );
    const time = version === 'v1' ? 'coalesce(gauge.time_unix_nano, histogram.time_unix_nano)' : 'time_unix_nano';
    const rows = await stored(
      'metrics',
      version,
      request,
      `SELECT metric_type, isnan(gauge.value) AS nan, gauge.value::VARCHAR AS value, histogram.count::VARCHAR AS count,
         histogram.bucket_counts::VARCHAR AS buckets, ${time}::VARCHAR AS time FROM t ORDER BY metric_type, value`,
    );
    const time1 = '1763800000123456789';
    const none = { count: null, buckets: null, time: time1 };
    expect(rows).toEqual([
      { metric_type: 'gauge', nan: false, value: '-inf', ...none },
      { metric_type: 'gauge', nan: false, value: '2.5', ...none },
      { metric_type: 'gauge', nan: true, value: 'nan', ...none },
      {
        metric_type: 'histogram',
        nan: null,
        value: null,
        count: '9007199254740993',
        buckets: '[9223372036854775807]',
        time: time1,
      },
    ]);
  });

  it('hold logs', async () => {
    const request = logsRequest({
      timeUnixNano: '1763800000123456789',
      body: { stringValue: 'hello' },
      attributes: [hostile],
    });
    const [row] = (await stored('logs', version, request, 'FROM t')) as Record<string, unknown>[];
    expect(row).toMatchObject({ event_name: 'hello', body: version === 'v1' ? 'hello' : '"hello"' });
    const attributes = version === 'v1' ? row!['attributes'] : JSON.parse(row!['attributes'] as string);
    expect(attributes).toEqual({ 'a.b"c\\\u0000': 'x\u0000"\ud83d\ude00' });
    if (version === 'v2') expect(row).toMatchObject({ date: '2025-11-22', service_name: 'agent' });
  });

  it('hold spans', async () => {
    const request = spansRequest({
      traceId: 'ab',
      name: 's',
      events: [{ name: 'e', attributes: [text('k', 'v')] }],
      links: [{ flags: 4294967295 }],
    });
    const [row] = await stored(
      'traces',
      version,
      request,
      'SELECT trace_id, kind, events[1].name AS event, links[1].flags AS flags, status.code AS code FROM t',
    );
    expect(row).toEqual({
      trace_id: 'ab',
      kind: 'SPAN_KIND_UNSPECIFIED',
      event: 'e',
      flags: -1,
      code: 'STATUS_CODE_UNSET',
    });
  });

  it('hold text cut inside a character, and text that only looks like it', async () => {
    const odd = text('cut\ud83d', 'x\ud800');
    const shown = text('shown', String.raw`\ud800`);
    const request = logsRequest({ body: { stringValue: 'b\udc00' }, attributes: [odd, shown] });
    for (const encoding of ['json', 'protobuf'] as const) {
      const table = await place.table(`cut_${encoding}_${version}`, otelSchema('logs', version));
      await place.lake.append({ table, rows: [decoded('logs', request, { version, encoding }).lines] });
      // In protobuf the sender's library writes bytes that are not UTF-8, each of which is replaced.
      const stored = JSON.stringify(await place.query(table)).replaceAll(/\ufffd+/g, '\ufffd');
      const [row] = JSON.parse(stored) as Record<string, unknown>[];
      expect(row).toMatchObject({ body: version === 'v1' ? 'b\ufffd' : '"b\ufffd"' });
      const attributes = version === 'v1' ? row!['attributes'] : JSON.parse(row!['attributes'] as string);
      expect(attributes).toEqual({ 'cut\ufffd': 'x\ufffd', shown: String.raw`\ud800` });
    }
  });
});
