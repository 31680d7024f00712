import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import { parseRows, receivedAt, logsRequest, text } from '../testing/decoded-rows.ts';
import { encodeOtlp } from '../testing/otlp-proto.ts';
import { MAX_VALUE_DEPTH } from './any-value.ts';
import { decodeExport } from './decode-export.ts';

/** A field of bytes: tag, length, content. */
function bytes(number: number, ...content: (number | Buffer)[]): Buffer {
  const all = Buffer.concat(content.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)));
  return Buffer.concat([varint(number * 8 + 2), varint(all.length), all]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) out.push((value % 0x80) | 0x80);
  return Buffer.of(...out, value);
}

/** A logs request around the fields of one record. */
function logBody(...record: Buffer[]): Buffer {
  return bytes(1, bytes(2, bytes(2, ...record)));
}

function decodeLogs(body: Buffer, encoding: 'protobuf' | 'json' = 'protobuf', maxRowBytes?: number) {
  return decodeExport({ signal: 'logs', version: 'v1', encoding, body, receivedAt }, maxRowBytes);
}

function refusal(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('a protobuf body', () => {
  it.each([
    ['cut off in a message', logBody(bytes(3, Buffer.from('hello'))).subarray(0, -2), 'past the end'],
    [
      'with a field longer than its message, but not than the body',
      Buffer.concat([logBody(Buffer.of(0x1a, 5, 0x61)), logBody(bytes(3, Buffer.from('hello')))]),
      'past the end',
    ],
    ['with a length that is too large', Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f), 'past the end'],
    ['with a length above 2^53', Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), 'past the end'],
    ['cut off in a number', Buffer.of(0x0a, 0x80), 'ends within a number'],
    ['with a number of eleven bytes', Buffer.of(0x0a, ...Array<number>(10).fill(0x80), 1), 'more than 10 bytes'],
    ['with a number of 65 bits', Buffer.of(0x0a, ...Array<number>(9).fill(0xff), 2), 'more than 64 bits'],
    ['with a group', Buffer.of(0x0b, 0x0c), 'is a group'],
    ['with a group in a known field', logBody(Buffer.of(0x1b, 0x1c)), 'is a group'],
    ['with a wire type that does not exist', Buffer.of(0x0f), 'does not exist'],
    ['with field 0', Buffer.of(0x02, 0x00), 'the number 0'],
    ['with a field number out of range', Buffer.of(0xf8, 0xff, 0xff, 0xff, 0xff, 0x01, 0), 'out of range'],
    ['with a known field of another type', logBody(Buffer.of(0x08, 0x01)), 'wire type 0 instead of 1'],
    ['that is text', Buffer.from('hello, world'), 'in ExportLogsServiceRequest'],
  ])('%s is refused with what and where', (_name, body, message) => {
    const error = refusal(() => decodeLogs(body));
    expect(error.code).toBe('caller_otlp_invalid');
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/\(in \w+, near byte \d+\)/);
  });

  it('of another signal is refused', () => {
    const body = encodeOtlp('logs', logsRequest({ timeUnixNano: '1' }));
    const error = refusal(() =>
      decodeExport({ signal: 'metrics', version: 'v1', encoding: 'protobuf', body, receivedAt }),
    );
    expect(error.code).toBe('caller_otlp_invalid');
  });

  it('may be empty', () => expect(decodeLogs(Buffer.alloc(0))).toMatchObject({ rows: 0, rejected: 0 }));

  it('may have fields that are not known, of every wire type', () => {
    const unknown = [
      Buffer.of(0xf8, 0x06, 0x80, 0x01),
      Buffer.of(0xf9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8),
      Buffer.of(0xfd, 0x06, 1, 2, 3, 4),
      bytes(111, 0xff),
    ];
    expect(decodeLogs(logBody(...unknown, bytes(3, Buffer.from('x')))).rows).toBe(1);
  });

  it('may have its parts in any order and in several pieces', () => {
    const keyValue = (key: string, value: string) =>
      bytes(1, bytes(1, Buffer.from(key)), bytes(2, bytes(1, Buffer.from(value))));
    const record = bytes(2, bytes(3, Buffer.from('x')));
    const resources = bytes(1, bytes(2, record), bytes(1, keyValue('a', '1')), bytes(1, keyValue('b', '2')));
    expect(parseRows(decodeLogs(resources))[0]!['resource'].attributes).toEqual({ a: '1', b: '2' });
  });

  it('keeps text that is not UTF-8 with replacement characters', () => {
    const wrong = Buffer.from([
      0x61, 0xff, 0xe2, 0x82, 0x62, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0x80, 0xf4, 0x90,
    ]);
    const [row] = parseRows(decodeLogs(logBody(bytes(3, wrong))));
    expect(row!['severity_text']).toBe(new TextDecoder().decode(wrong));
  });

  it('keeps the last of keys that become the same text', () => {
    const keyValue = (key: number, value: string) => bytes(6, bytes(1, key), bytes(2, bytes(1, Buffer.from(value))));
    const { lines } = decodeLogs(logBody(keyValue(0xfe, 'one'), keyValue(0xff, 'two')));
    expect(Buffer.from(lines).toString()).toContain('"attributes":{"\ufffd":"two"}');
  });
});

describe('limits', () => {
  it.each([
    ['as deep as allowed', MAX_VALUE_DEPTH, true],
    ['deeper', MAX_VALUE_DEPTH + 1, false],
    ['very deep', 3_000, false],
  ])('values may nest %s', (_name, depth, fine) => {
    const parts: Buffer[] = [];
    let size = 0;
    for (let index = 0; index < depth; index += 1)
      for (const field of [1, 5]) {
        const head = Buffer.concat([varint(field * 8 + 2), varint(size)]);
        parts.unshift(head);
        size += head.length;
      }
    const value = Buffer.concat(parts);
    const run = () => decodeLogs(logBody(bytes(5, value)));
    if (fine) expect(run().rows).toBe(1);
    else expect(refusal(run).message).toContain('nests more than 64 lists');
  });

  it.each([
    ['as deep as allowed', MAX_VALUE_DEPTH, true],
    ['deeper', MAX_VALUE_DEPTH + 2, false],
    ['very deep', 50_000, false],
  ])('values of JSON may nest %s', (_name, depth, fine) => {
    const value = `${'{"kvlistValue":{"values":[{"key":"k","value":'.repeat(depth)}{}${'}]}}'.repeat(depth)}`;
    const body = Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${value}}]}]}]}`);
    if (fine) expect(decodeLogs(body, 'json').rows).toBe(1);
    else expect(refusal(() => decodeLogs(body, 'json')).code).toBe('caller_otlp_invalid');
  });

  it('100,000 attributes are fine, and the last of equal ones wins', () => {
    const attributes = Array.from({ length: 100_000 }, (_, index) => text(`key ${index % 99_999}`, String(index)));
    const [row] = parseRows(decodeLogs(encodeOtlp('logs', logsRequest({ attributes }))));
    expect(Object.keys(row!['attributes'])).toHaveLength(99_999);
    expect(row!['attributes']['key 0']).toBe('99999');
  });

  it('rows that swell are refused before they take the memory', () => {
    const request = logsRequest(...Array.from({ length: 1000 }, () => ({ timeUnixNano: '1' })));
    const large = encodeOtlp('logs', {
      resourceLogs: [{ ...(request as any).resourceLogs[0], schemaUrl: 'x'.repeat(10_000) }],
    });
    expect(refusal(() => decodeLogs(large, 'protobuf', 1_000_000)).code).toBe('caller_body_too_large');
  });
});

describe('a JSON body', () => {
  const record = (fields: string) => Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${fields}]}]}]}`);

  it.each([
    ['that is not JSON', Buffer.from('{"resourceLogs":'), 'not JSON'],
    ['that is empty', Buffer.alloc(0), 'not JSON'],
    ['that is a list', Buffer.from('[]'), 'not a JSON object'],
    [
      'of another signal',
      Buffer.from('{"resourceSpans":[]}'),
      "has the field 'resourceSpans', which belongs to traces",
    ],
    ['with an object for a list', Buffer.from('{"resourceLogs":{}}'), 'resourceLogs must be an array'],
    ['with a wrong id', record('{"traceId":"xyz0"}'), 'resourceLogs[0].scopeLogs[0].logRecords[0].traceId must be'],
    ['with a wrong time', record('{"timeUnixNano":"soon"}'), 'must be a whole number from 0 to 18446744073709551615'],
    ['with a negative time', record('{"timeUnixNano":-1}'), 'must be a whole number'],
    [
      'with a wrong enum',
      record('{"severityNumber":"LOUD"}'),
      'must be a number, or one of SEVERITY_NUMBER_UNSPECIFIED',
    ],
    ['with a number for a text', record('{"severityText":5}'), 'severityText must be a string'],
  ])('%s is refused with what and where', (_name, body, message) => {
    const error = refusal(() => decodeLogs(body, 'json'));
    expect(error.code).toBe('caller_otlp_invalid');
    expect(error.message).toContain(message);
  });

  it('has exact 64-bit numbers as strings and as numbers', () => {
    const body = record(
      '{"timeUnixNano":"1763800000123456789"},{"timeUnixNano":1763800000123456789},{"timeUnixNano":7}',
    );
    expect(parseRows(decodeLogs(body, 'json')).map((row) => row['time_unix_nano'])).toEqual([
      '1763800000123456789',
      '1763800000123456789',
      7,
    ]);
  });

  it('has enums as names and numbers, names with underscores, nulls, and fields that are not known', () => {
    const body = record(
      '{"severityNumber":"SEVERITY_NUMBER_WARN2","severity_text":"w","body":null,"new":[{"x":1}]},{"severityNumber":99}',
    );
    expect(parseRows(decodeLogs(body, 'json'))).toMatchObject([
      { severity_number: 'SEVERITY_NUMBER_WARN2', severity_text: 'w', body: null },
      { severity_number: '99' },
    ]);
  });

  it('may be an empty object', () => expect(decodeLogs(Buffer.from('{}'), 'json').rows).toBe(0));
});
