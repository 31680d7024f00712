import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildUsageRecord } from './build-record.ts';
import { buildPayloadRecord, decodePayloadRecord } from './payload-record.ts';
import { PayloadSink } from './payload-sink.ts';
import { readSpoolBytes, Spool } from './spool.ts';
import { usageInput } from './testing/usage-input.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-payloads-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const table = { id: 't', location: 'main/default/t' };
const record = (response: string) =>
  buildPayloadRecord({
    table,
    settings: { table: ['main', 'default', 't'], disabled: false, samplingFraction: 1, redact: [] },
    usage: buildUsageRecord(usageInput()),
    dialect: 'openai-chat',
    request: Buffer.from('{}'),
    response: Buffer.from(response),
    isStream: false,
  });

test('tables are known from the moment they are set', () => {
  const sink = new PayloadSink({ appendBytes: async () => {} });
  expect(sink.tableFor('main.default.fast')).toBeUndefined();
  sink.setTables(new Map([['main.default.fast', table]]));
  expect(sink.tableFor('main.default.fast')).toEqual(table);
  sink.setTables(new Map());
  expect(sink.tableFor('main.default.fast')).toBeUndefined();
});

test('without a spool nothing is kept', async () => {
  const sink = new PayloadSink(undefined);
  sink.setTables(new Map([['main.default.fast', table]]));
  expect(sink.tableFor('main.default.fast')).toBeUndefined();
  await expect(sink.append(record('{}'))).rejects.toMatchObject({ code: 'gateway_spool_full' });
});

test('a record is on disk once it is appended; a full spool refuses it', async () => {
  const spool = await Spool.open({ directory, maxBytes: 64 * 1024 });
  const sink = new PayloadSink(spool);
  await sink.append(record('{"n":1}'));
  await expect(sink.append(record('x'.repeat(64 * 1024)))).rejects.toMatchObject({ code: 'gateway_spool_full' });
  const read: string[] = [];
  for await (const { payload } of readSpoolBytes(directory, { upTo: spool.committed })) {
    read.push(Buffer.from(decodePayloadRecord(payload).response!).toString());
  }
  expect(read).toEqual(['{"n":1}']);
  await spool.close();
});
