import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AuditRow } from './audit-row.ts';
import { AuditWriter } from './audit-writer.ts';
import { readSpool } from './spool-reader.ts';
import { Spool } from './spool.ts';
import { changeEvent, refusalEvent } from './testing/audit-events.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-audit-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

async function rows(): Promise<AuditRow[]> {
  const found: AuditRow[] = [];
  for await (const { record } of readSpool(directory)) found.push(record as AuditRow);
  return found;
}

const writerOn = (spool: Pick<Spool, 'append' | 'full' | 'failing' | 'size'>, refusalBytes = 1_000_000): AuditWriter =>
  new AuditWriter({ spool, workspaceId: () => '1', refusalBytes, log: () => {} });

/** A disk that can be broken and repaired. */
class FakeSpool {
  readonly rows: AuditRow[] = [];
  failing = false;
  full = false;
  size = 0;

  append(record: object): Promise<void> {
    if (this.failing) return Promise.reject(new Error('The spool cannot be written.'));
    this.rows.push(record as AuditRow);
    return Promise.resolve();
  }
}

test('a change is on disk when it is settled', async () => {
  const spool = await Spool.open({ directory, maxBytes: 1_000_000 });
  const writer = writerOn(spool);
  writer.record(changeEvent());
  await writer.settled();
  expect(await rows()).toMatchObject([{ action_name: 'createModelService', event_count: 1 }]);
  await writer.close();
  await spool.close();
});

test('a flood of refusals becomes few rows, which tell of all of them', async () => {
  const spool = await Spool.open({ directory, maxBytes: 1_000_000 });
  const writer = writerOn(spool);
  for (let at = 0; at < 5_000; at++) writer.record(refusalEvent({ at: Date.UTC(2026, 10, 23) + at }));
  await writer.close();
  await spool.close();
  const found = await rows();
  expect(found).toHaveLength(21);
  expect(found.reduce((sum, row) => sum + row.event_count, 0)).toBe(5_000);
  expect(found.at(-1)!.request_params).toMatchObject({
    event_count: '4980',
    first_event_time: '2026-11-23T00:00:00.020Z',
    last_event_time: '2026-11-23T00:00:04.999Z',
  });
});

test('changes are written in a flood of refusals, all of them', async () => {
  const spool = new FakeSpool();
  const writer = writerOn(spool);
  for (let at = 0; at < 1_000; at++)
    writer.record(at % 10 === 0 ? changeEvent({ requestId: `c${at}` }) : refusalEvent());
  await writer.close();
  expect(spool.rows.filter((row) => row.response.status_code === 200)).toHaveLength(100);
});

test('an admin whose changes all fail is counted, too', async () => {
  const spool = new FakeSpool();
  const writer = writerOn(spool);
  for (let at = 0; at < 100; at++) writer.record(changeEvent({ status: 400, change: undefined }));
  await writer.close();
  expect(spool.rows).toHaveLength(21);
});

test('while the disk fails nothing may be changed; what was changed before is written when it works again', async () => {
  vi.useFakeTimers();
  const spool = new FakeSpool();
  const writer = writerOn(spool);
  expect(writer.writable).toBe(true);
  spool.failing = true;
  writer.record(changeEvent({ requestId: 'first' }));
  writer.record(changeEvent({ requestId: 'second' }));
  await writer.settled();
  expect(writer.writable).toBe(false);
  expect(writer.waiting).toBe(2);
  spool.failing = false;
  // Still closed: what waits goes first.
  expect(writer.writable).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(writer.writable).toBe(true);
  expect(spool.rows.map((row) => row.request_id)).toEqual(['first', 'second']);
});

test('refusals that the disk does not take are counted until it does', async () => {
  vi.useFakeTimers();
  const spool = new FakeSpool();
  const writer = writerOn(spool);
  spool.failing = true;
  for (let at = 0; at < 50; at++) writer.record(refusalEvent());
  await writer.settled();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(spool.rows).toHaveLength(0);
  spool.failing = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(spool.rows.reduce((sum, row) => sum + row.event_count, 0)).toBe(50);
});

test('refusals leave room for changes in a spool that runs full', async () => {
  const spool = new FakeSpool();
  const writer = writerOn(spool, 100);
  spool.size = 100;
  for (let at = 0; at < 10; at++) writer.record(refusalEvent());
  writer.record(changeEvent());
  await writer.settled();
  expect(spool.rows.map((row) => row.action_name)).toEqual(['createModelService']);
  spool.full = true;
  expect(writer.writable).toBe(false);
});

test('what refuses a change says to try again', () => {
  const spool = new FakeSpool();
  const writer = writerOn(spool);
  writer.requireWritable();
  spool.full = true;
  expect(() => writer.requireWritable()).toThrow(expect.objectContaining({ status: 503, retryAfterSeconds: 5 }));
});
