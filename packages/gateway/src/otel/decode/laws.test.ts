import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Signal } from '../signal.ts';
import { schemaVersions, signals } from '../tables.ts';
import { parseRows, receivedAt, rowsOf } from '../testing/decoded-rows.ts';
import { encodeOtlp } from '../testing/otlp-proto.ts';
import { decodeExport } from './decode-export.ts';
import { RowWriter } from './row-writer.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const RUNS = { numRuns: 60 };
const optional = { requiredKeys: [] as never[] };
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const sint32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const string = fc.string({ unit: 'grapheme', maxLength: 20 });
const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.constant(0.1),
);
const id = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => Buffer.from(bytes).toString('hex'));

const { value, keyValue } = fc.letrec<{ value: object; keyValue: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(
      fc.record({ stringValue: string }),
      fc.record({ boolValue: fc.boolean() }),
      fc.record({ intValue: int64 }),
      fc.record({ doubleValue: double }),
      fc.record({ bytesValue: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64')) }),
      fc.constant({}),
    ),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie('keyValue'), { maxLength: 3 }) }) }),
  ),
  keyValue: fc.record({ key: string, value: tie('value') }),
}));
const attributes = fc.array(keyValue, { maxLength: 5 });

const times = { startTimeUnixNano: uint64, timeUnixNano: uint64, attributes, flags: uint32 };
const exemplars = fc.array(
  fc.oneof(
    fc.record({ timeUnixNano: uint64, asInt: int64, filteredAttributes: attributes, traceId: id(16) }, optional),
    fc.record({ timeUnixNano: uint64, asDouble: double, spanId: id(8) }, optional),
  ),
  { maxLength: 2 },
);
const numberPoints = fc.array(
  fc.oneof(
    fc.record({ ...times, asInt: int64, exemplars }, optional),
    fc.record({ ...times, asDouble: double }, optional),
  ),
  { maxLength: 3 },
);
const counts = { ...times, count: uint64, sum: double, min: double, max: double, exemplars };
const buckets = fc.record({ offset: sint32, bucketCounts: fc.array(uint64, { maxLength: 4 }) }, optional);
const temporality = { aggregationTemporality: fc.integer({ min: 0, max: 3 }) };
const named = { name: string, description: string, unit: string, metadata: attributes };
const points = (point: fc.Arbitrary<object>) => ({ dataPoints: fc.array(point, { maxLength: 3 }) });
const metric = fc.oneof(
  fc.record({ ...named, gauge: fc.record({ dataPoints: numberPoints }) }),
  fc.record({
    ...named,
    sum: fc.record({ dataPoints: numberPoints, isMonotonic: fc.boolean(), ...temporality }, optional),
  }),
  fc.record({
    ...named,
    histogram: fc.record({
      ...points(
        fc.record(
          {
            ...counts,
            bucketCounts: fc.array(uint64, { maxLength: 4 }),
            explicitBounds: fc.array(double, { maxLength: 4 }),
          },
          optional,
        ),
      ),
      ...temporality,
    }),
  }),
  fc.record({
    ...named,
    exponentialHistogram: fc.record({
      ...points(
        fc.record(
          { ...counts, scale: sint32, zeroCount: uint64, positive: buckets, negative: buckets, zeroThreshold: double },
          optional,
        ),
      ),
      ...temporality,
    }),
  }),
  fc.record({
    ...named,
    summary: fc.record(
      points(
        fc.record(
          {
            ...times,
            count: uint64,
            sum: double,
            quantileValues: fc.array(fc.record({ quantile: double, value: double }, optional), { maxLength: 3 }),
          },
          optional,
        ),
      ),
    ),
  }),
  fc.record({ name: string }),
);
const logRecord = fc.record(
  {
    timeUnixNano: uint64,
    observedTimeUnixNano: uint64,
    severityNumber: fc.integer({ min: 0, max: 30 }),
    severityText: string,
    body: value,
    attributes,
    droppedAttributesCount: uint32,
    flags: uint32,
    traceId: id(16),
    spanId: id(8),
    eventName: string,
  },
  optional,
);
const dropped = { attributes, droppedAttributesCount: uint32 };
const span = fc.record(
  {
    traceId: id(16),
    spanId: id(8),
    parentSpanId: id(8),
    traceState: string,
    name: string,
    kind: fc.integer({ min: 0, max: 7 }),
    startTimeUnixNano: uint64,
    endTimeUnixNano: uint64,
    ...dropped,
    flags: uint32,
    events: fc.array(fc.record({ timeUnixNano: uint64, name: string, ...dropped }, optional), { maxLength: 2 }),
    droppedEventsCount: uint32,
    links: fc.array(
      fc.record({ traceId: id(16), spanId: id(8), traceState: string, ...dropped, flags: uint32 }, optional),
      { maxLength: 2 },
    ),
    droppedLinksCount: uint32,
    status: fc.record({ message: string, code: fc.integer({ min: 0, max: 3 }) }, optional),
  },
  optional,
);

function request(levels: readonly [string, string, string], record: fc.Arbitrary<object>): fc.Arbitrary<object> {
  const [resources, scopes, records] = levels;
  const scope = fc.record({ name: string, version: string, ...dropped }, optional);
  const inScope = fc.record({ scope, [records]: fc.array(record, { maxLength: 3 }), schemaUrl: string }, optional);
  const resource = fc.record(dropped, optional);
  const inResource = fc.record(
    { resource, [scopes]: fc.array(inScope, { maxLength: 2 }), schemaUrl: string },
    optional,
  );
  return fc.record({ [resources]: fc.array(inResource, { maxLength: 2 }) });
}

const requests: Readonly<Record<Signal, fc.Arbitrary<object>>> = {
  metrics: request(['resourceMetrics', 'scopeMetrics', 'metrics'], metric),
  logs: request(['resourceLogs', 'scopeLogs', 'logRecords'], logRecord),
  traces: request(['resourceSpans', 'scopeSpans', 'spans'], span),
};

function withoutIds(rows: Record<string, unknown>[]): object[] {
  return rows.map(({ record_id: _id, ...row }) => row);
}

describe.each(signals)('%s', (signal) => {
  it.each(schemaVersions)('both encodings become the same rows (%s)', (version) => {
    fc.assert(
      fc.property(requests[signal], (given) => {
        const json = rowsOf(signal, given, { version, encoding: 'json' });
        expect(withoutIds(rowsOf(signal, given, { version }))).toEqual(withoutIds(json));
      }),
      RUNS,
    );
  });

  it('any bytes are decoded or refused', () => {
    const mutated = fc
      .tuple(requests[signal], fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 }))
      .map(([given, changes]) => {
        const body = encodeOtlp(signal, given);
        for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte;
        return body as Uint8Array;
      });
    fc.assert(
      fc.property(
        fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })),
        fc.constantFrom('v1' as const, 'v2' as const),
        fc.constantFrom('protobuf' as const, 'json' as const),
        (body, version, encoding) => {
          try {
            parseRows(decodeExport({ signal, version, encoding, body, receivedAt }));
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
            expect((error as GatewayError).code).toBe('caller_otlp_invalid');
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the writer', () => {
  const written = (write: (writer: RowWriter) => void): string => {
    const writer = new RowWriter(1_000_000);
    write(writer);
    return Buffer.from(writer.written).toString('utf8');
  };

  it('writes 64-bit numbers exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
        const [low, high] = [Number(number & 0xffff_ffffn), Number(number >> 32n)];
        expect(written((writer) => writer.uint64(low, high))).toBe(String(number));
        expect(written((writer) => writer.int64(low, high))).toBe(String(BigInt.asIntN(64, number)));
      }),
    );
  });

  it('replaces what is not UTF-8 as a text decoder does', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const bytes = fc.array(
      fc.constantFrom(0x00, 0x22, 0x41, 0x5c, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xff),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          fc.uint8Array().map((array) => [...array]),
        ),
        (array) => {
          const source = Uint8Array.from(array);
          expect(JSON.parse(written((writer) => writer.text(source, 0, source.length)))).toBe(decoder.decode(source));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('writes protobuf that the reader reads', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        sint32,
        (number, content, small) => {
          const writer = new WireWriter(1);
          writer.message(7, () => {
            writer.varint(1, number);
            writer.text(2, content);
            writer.sint32(3, small);
          });
          const reader = new WireReader(writer.written, 'Test');
          expect(reader.next()).toBe(true);
          reader.range();
          reader.over(reader.start, reader.stop, 'Inner');
          reader.next();
          reader.varint();
          expect((BigInt(reader.high) << 32n) | BigInt(reader.low)).toBe(number);
          reader.next();
          reader.range();
          expect(Buffer.from(reader.bytes.subarray(reader.start, reader.stop)).toString('utf8')).toBe(content);
          reader.next();
          expect(reader.sint32()).toBe(small);
          expect(reader.next()).toBe(false);
        },
      ),
    );
  });
});
