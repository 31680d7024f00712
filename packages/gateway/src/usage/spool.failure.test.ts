import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as segmentModule from './spool-segment.ts';
import { readSpool } from './spool-reader.ts';
import { Spool } from './spool.ts';

vi.mock('./spool-segment.ts', async (original) => {
  const actual = await original<typeof segmentModule>();
  return { ...actual, appendDurably: vi.fn(actual.appendDurably), createSegment: vi.fn(actual.createSegment) };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-spool-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const noSpace = () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));

async function ids(): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const { record } of readSpool(directory)) read.push((record as { id: unknown }).id);
  return read;
}

test('a disk that fails refuses records, and is used again once it takes bytes', async () => {
  const spool = await Spool.open({ directory, maxBytes: 1024 ** 2 });
  await spool.append({ id: 'before' });
  vi.mocked(segmentModule.appendDurably).mockImplementationOnce(async (segment) => {
    // Half a record reaches the disk, then it is full.
    await segment.file.write(Buffer.from('torn'), 0, 4, segment.committed);
    return noSpace();
  });
  const refused = await Promise.allSettled([spool.append({ id: 'lost 1' }), spool.append({ id: 'lost 2' })]);
  for (const { status, reason } of refused as PromiseRejectedResult[]) {
    expect(status).toBe('rejected');
    expect(reason).toMatchObject({ code: 'gateway_spool_full', status: 503, cause: { code: 'ENOSPC' } });
  }
  expect(spool.full).toBe(true);
  await expect(spool.append({ id: 'lost 3' })).rejects.toMatchObject({ code: 'gateway_spool_full' });

  // The first try of the disk fails as well, the second does not.
  vi.mocked(segmentModule.createSegment).mockImplementationOnce(noSpace);
  await vi.waitFor(() => expect(spool.full).toBe(false), { timeout: 10_000 });
  await spool.append({ id: 'after' });
  expect(await ids()).toEqual(['before', 'after']);
  await spool.close();
  const reopened = await Spool.open({ directory, maxBytes: 1024 ** 2 });
  expect(reopened.cutBytes).toBe(0);
  await reopened.close();
  expect(await ids()).toEqual(['before', 'after']);
}, 20_000);

test('a spool that failed can be closed and opened again', async () => {
  const spool = await Spool.open({ directory, maxBytes: 1024 ** 2 });
  vi.mocked(segmentModule.appendDurably).mockImplementationOnce(noSpace);
  await expect(spool.append({ id: 'lost' })).rejects.toMatchObject({ code: 'gateway_spool_full' });
  await spool.close();
  const reopened = await Spool.open({ directory, maxBytes: 1024 ** 2 });
  await reopened.append({ id: 'kept' });
  await reopened.close();
  expect(await ids()).toEqual(['kept']);
});
