import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { InferenceTable } from '../config/gateway-config.ts';
import { buildUsageRecord } from './build-record.ts';
import {
  buildPayloadRecord,
  decodePayloadRecord,
  encodePayloadRecord,
  isSampled,
  MAX_PAYLOAD_BODY_BYTES,
  type PayloadInput,
} from './payload-record.ts';
import { payloadFeed, payloadSchema } from './payload-table.ts';
import { usageInput } from './testing/usage-input.ts';

const table = { id: 't1', location: 'main/logs/opus_payload' };
const settings: InferenceTable = {
  table: ['main', 'logs', 'opus_payload'],
  disabled: false,
  samplingFraction: 0.5,
  redact: [],
};
const usage = buildUsageRecord(usageInput());

function build(change: Partial<PayloadInput> = {}) {
  return buildPayloadRecord({
    table,
    settings,
    usage,
    dialect: 'anthropic-messages',
    request: Buffer.from('{"model":"opus"}'),
    response: Buffer.from('{"ok":true}'),
    isStream: false,
    ...change,
  });
}

/** The row, by way of the spool. */
function rowOf(change: Partial<PayloadInput> = {}): any {
  const { toRows } = payloadFeed({ directory: '/nowhere' });
  const rows = toRows(Buffer.concat(encodePayloadRecord(build(change))));
  expect(rows).toMatchObject({ table, count: 1 });
  return JSON.parse(Buffer.from(rows.lines).toString('utf8'));
}

test('a row has the columns of the table, all of them', () => {
  const row = rowOf();
  expect(Object.keys(row).toSorted()).toEqual(payloadSchema.fields.map(({ name }) => name).toSorted());
  expect(row).toEqual({
    request_id: 'req-1',
    invocation_id: 'inv-1',
    request_tags: { team: 'search' },
    event_time: '2026-11-22T08:30:00.007Z',
    status_code: 200,
    sampling_fraction: 0.5,
    latency_ms: 1235,
    time_to_first_byte_ms: 321,
    request: '{"model":"opus"}',
    response: '{"ok":true}',
    destination_id: null,
    logging_error_codes: [],
    requester: 'ada@example.com',
    schema_version: 1,
    final_message: null,
    service_name: 'system.ai.claude-opus-4-8',
    destination_model: 'claude-opus-4-8-20260101',
    api_type: 'anthropic/v1/messages',
  });
});

test('bodies are kept byte for byte', () => {
  const body = '\uFEFF{ "a" : "ü\\u0000\\ud83d 🎉\r\n\u2028" }\n';
  expect(rowOf({ request: Buffer.from(body), response: Buffer.from(body) })).toMatchObject({
    request: body,
    response: body,
  });
});

test('a stream is kept as event text, with the message rebuilt', () => {
  const stream = readFileSync(
    new URL('../dialects/anthropic-messages/captures/thinking-and-tools.sse', import.meta.url),
  );
  const row = rowOf({ response: stream, isStream: true });
  expect(row.response).toBe(stream.toString());
  expect(JSON.parse(row.final_message)).toMatchObject({ id: 'msg_01FixtureA1', stop_reason: 'tool_use' });
});

describe('a body that cannot be kept', () => {
  test.each([
    ['10 MiB', 'a'.repeat(MAX_PAYLOAD_BODY_BYTES), []],
    [
      'a byte more',
      'a'.repeat(MAX_PAYLOAD_BODY_BYTES + 1),
      ['MAX_REQUEST_SIZE_EXCEEDED', 'MAX_RESPONSE_SIZE_EXCEEDED'],
    ],
  ])('%s', (_, body, codes) => {
    const row = rowOf({ request: Buffer.from(body), response: Buffer.from(body) });
    expect(row.logging_error_codes).toEqual(codes);
    const kept = codes.length === 0 ? body.length : null;
    expect([row.request?.length ?? null, row.response?.length ?? null]).toEqual([kept, kept]);
  });

  test('told as too large or unreadable, not UTF-8, never sent', () => {
    expect(rowOf({ response: 'too-large' })).toMatchObject({
      response: null,
      logging_error_codes: ['MAX_RESPONSE_SIZE_EXCEEDED'],
    });
    expect(rowOf({ response: 'not-text' })).toMatchObject({ response: null, logging_error_codes: ['NOT_TEXT'] });
    expect(rowOf({ request: gzipSync('x'), response: gzipSync('y') })).toMatchObject({
      request: null,
      response: null,
      logging_error_codes: ['NOT_TEXT'],
    });
    expect(rowOf({ request: undefined, response: undefined })).toMatchObject({
      request: null,
      response: null,
      logging_error_codes: [],
    });
  });
});

describe('redaction', () => {
  const redacting: InferenceTable = { ...settings, redact: ['email', { pattern: 'opus', replacement: 'M' }] };
  const event = (text: string) =>
    `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`;
  const start = `data: ${JSON.stringify({ type: 'message_start', message: { id: 'm', content: [] } })}\n\n`;

  test('happens before the spool', () => {
    const bytes = Buffer.concat(
      encodePayloadRecord(
        build({
          settings: redacting,
          request: Buffer.from('{"model":"opus","user":"grace@example.org"}'),
          response: Buffer.from('{"to":"grace@example.org"}'),
        }),
      ),
    ).toString();
    expect(bytes).not.toContain('grace@');
    expect(bytes).toContain('{"model":"M","user":"[email]"}');
    expect(bytes).toContain('{"to":"[email]"}');
  });

  test('of a stream within its events', () => {
    const row = rowOf({
      settings: redacting,
      isStream: true,
      response: Buffer.from(start + event('mail grace@example.org')),
    });
    expect(row.response).toBe(start + event('mail [email]'));
    expect(JSON.parse(row.final_message).content[0].text).toBe('mail [email]');
    expect(row.logging_error_codes).toEqual([]);
  });

  test('of what is spread over events: the events are not kept, the message is', () => {
    const response = Buffer.from(start + event('mail grace@exam') + event('ple.org now'));
    const spooled = Buffer.concat(
      encodePayloadRecord(build({ settings: redacting, isStream: true, response })),
    ).toString();
    expect(spooled).not.toContain('grace@');
    const row = rowOf({ settings: redacting, isStream: true, response });
    expect(row).toMatchObject({ response: null, logging_error_codes: ['REDACTED_ACROSS_EVENTS'] });
    expect(JSON.parse(row.final_message).content[0].text).toBe('mail [email] now');
  });
});

test('sampling is by request, and keeps about the share', () => {
  const ids = Array.from({ length: 4000 }, (_, n) => `request-${n}`);
  expect(ids.filter((id) => isSampled(id, 1))).toHaveLength(4000);
  const kept = ids.filter((id) => isSampled(id, 0.25));
  expect(kept.length).toBeGreaterThan(850);
  expect(kept.length).toBeLessThan(1150);
  expect(ids.filter((id) => isSampled(id, 0.25))).toEqual(kept);
  // A larger share has all requests of a smaller one.
  expect(kept.every((id) => isSampled(id, 0.5))).toBe(true);
});

test('a record cut off in the spool is refused', () => {
  const bytes = Buffer.concat(encodePayloadRecord(build()));
  expect(() => decodePayloadRecord(bytes.subarray(0, -1))).toThrow(/cut off/);
  expect(() => decodePayloadRecord(Buffer.from('no head'))).toThrow(/no head/);
});
