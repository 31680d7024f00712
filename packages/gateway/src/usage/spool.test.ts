import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { comparePositions, encodeRecord, SEGMENT_HEADER, type SpoolPosition } from './spool-format.ts';
import { readSpool, readSpoolBytes, type SpooledRecord } from './spool-reader.ts';
import { Spool } from './spool.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-spool-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const MIB = 1024 * 1024;
const open = (maxBytes = 256 * MIB, segmentBytes?: number) => Spool.open({ directory, maxBytes, segmentBytes });
const segments = () => readdirSync(directory).filter((name) => name.endsWith('.log'));
const firstSegment = () => path.join(directory, '000000001.log');

async function readAll(from?: SpooledRecord['position']): Promise<SpooledRecord[]> {
  const records: SpooledRecord[] = [];
  for await (const record of readSpool(directory, { from })) records.push(record);
  return records;
}
const ids = async (from?: SpooledRecord['position']) =>
  (await readAll(from)).map(({ record }) => (record as { id: number }).id);
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

test('records come back in order, after a reopen too', async () => {
  const first = await open();
  await Promise.all(upTo(100).map((id) => first.append({ id })));
  expect(await ids()).toEqual(upTo(100));
  await first.close();
  const second = await open();
  await second.append({ id: 100 });
  await second.close();
  expect(await ids()).toEqual(upTo(101));
  expect(second.cutBytes).toBe(0);
  expect(statSync(firstSegment()).mode & 0o777).toBe(0o600);
});

test('appends of one turn share one flush', async () => {
  const spool = await open();
  let flushed = 0;
  const appends = upTo(50).map((id) => spool.append({ id }).then(() => (flushed += 1)));
  await appends[0];
  await Promise.resolve();
  expect(flushed).toBe(50);
  await spool.close();
});

test('close writes what is queued and refuses what comes later', async () => {
  const spool = await open();
  const queued = spool.append({ id: 0 });
  await spool.close();
  await queued;
  await spool.close();
  await expect(spool.append({ id: 1 })).rejects.toMatchObject({ code: 'gateway_spool_full' });
  expect(await ids()).toEqual([0]);
});

test('an unknown directory has no records', async () => {
  rmSync(directory, { recursive: true });
  expect(await readAll()).toEqual([]);
});

test('a second writer is kept out until the first has closed', async () => {
  const first = await open();
  await expect(open()).rejects.toThrow(/in use by another ucode-gateway/);
  await first.close();
  await (await open()).close();
});

test('segments roll, and reading resumes at any position', async () => {
  const spool = await open(64 * MIB, 4096);
  for (const id of upTo(60)) await spool.append({ id, text: 'x'.repeat(500) });
  expect(segments().length).toBeGreaterThan(5);
  const all = await readAll();
  expect(all).toHaveLength(60);
  for (const [index, { position }] of all.entries()) expect((await ids(position))[0]).toBe(upTo(60)[index + 1]);
  await spool.close();
});

test('acknowledging deletes whole segments below, never the current one', async () => {
  const spool = await open(64 * MIB, 4096);
  for (const id of upTo(60)) await spool.append({ id, text: 'x'.repeat(500) });
  const all = await readAll();
  const middle = all[30]!.position;
  const before = spool.size;
  await spool.acknowledge(middle);
  expect(segments()[0]).toBe(`${String(middle.segment).padStart(9, '0')}.log`);
  expect(await ids(middle)).toEqual(upTo(60).slice(31));
  expect(spool.size).toBeLessThan(before);
  await spool.acknowledge({ segment: 1_000_000, offset: 0 });
  expect(segments()).toHaveLength(1);
  const onDisk = segments().reduce((sum, name) => sum + statSync(path.join(directory, name)).size, 0);
  expect(spool.size).toBe(onDisk);
  await spool.append({ id: 60 });
  await spool.close();
  const reopened = await open(64 * MIB, 4096);
  expect(reopened.size).toBe(spool.size);
  await reopened.close();
  expect((await ids()).at(-1)).toBe(60);
});

test('a full spool refuses, keeps what it has, and takes records again once there is room', async () => {
  const spool = await open(64 * 1024, 8192);
  const record = { text: 'x'.repeat(2000) };
  let kept = 0;
  while (!spool.full) {
    await spool.append({ id: kept++, ...record });
  }
  // The reserve: requests under way may still be recorded.
  await spool.append({ id: kept++, ...record });
  await expect(spool.append({ id: -1, text: 'x'.repeat(8000) })).rejects.toMatchObject({
    code: 'gateway_spool_full',
    status: 503,
  });
  expect(spool.size).toBeLessThanOrEqual(64 * 1024);
  expect(await ids()).toEqual(upTo(kept));
  await spool.acknowledge((await readAll()).at(-1)!.position);
  expect(spool.full).toBe(false);
  await spool.append({ id: kept++, ...record });
  await spool.close();
  expect((await ids()).at(-1)).toBe(kept - 1);
});

test('a torn tail of any length is not read, and is cut off at opening', async () => {
  const spool = await open();
  for (const id of upTo(3)) await spool.append({ id });
  await spool.close();
  const { size } = statSync(firstSegment());
  const next = encodeRecord({ id: 3, text: 'never acknowledged' });
  for (const length of [1, 7, 8, 9, next.length - 1]) {
    appendFileSync(firstSegment(), next.subarray(0, length));
    expect(await ids()).toEqual([0, 1, 2]);
    const reopened = await open();
    expect(reopened.cutBytes).toBe(length);
    await reopened.close();
    expect(statSync(firstSegment()).size).toBe(size);
  }
  appendFileSync(firstSegment(), Buffer.alloc(4096));
  await (await open()).close();
  expect(await ids()).toEqual([0, 1, 2]);
});

test('a segment whose header was torn is begun anew', async () => {
  await (await open()).close();
  for (const length of [0, 3]) {
    truncateSync(firstSegment(), length);
    expect(await ids()).toEqual([]);
    const spool = await open();
    await spool.append({ id: 7 });
    await spool.close();
    expect(await ids()).toEqual([7]);
    expect(readFileSync(firstSegment()).subarray(0, 8)).toEqual(SEGMENT_HEADER);
  }
});

test('a file of another format is refused, not overwritten', async () => {
  writeFileSync(firstSegment(), 'UCGSPL9\nsomething else entirely');
  await expect(open()).rejects.toThrow(/not a spool segment/);
  await expect(readAll()).rejects.toThrow(/not a spool segment/);
  expect(readFileSync(firstSegment(), 'latin1')).toContain('something else');
});

test('a torn tail before a later segment does not hide the later one', async () => {
  const spool = await open(64 * MIB, 4096);
  for (const id of upTo(20)) await spool.append({ id, text: 'x'.repeat(500) });
  await spool.close();
  appendFileSync(firstSegment(), 'torn');
  expect(await ids()).toEqual(upTo(20));
});

test('records longer than a segment and than a read chunk are kept', async () => {
  const spool = await open(64 * MIB, 4096);
  const text = 'ä'.repeat(MIB);
  await spool.append({ id: 0, text });
  await spool.append({ id: 1 });
  await spool.close();
  expect((await readAll()).map(({ record }) => record)).toEqual([{ id: 0, text }, { id: 1 }]);
});

test('what cannot be a record is refused, and the spool goes on', async () => {
  const spool = await open();
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  await expect(spool.append(circular)).rejects.toThrow(TypeError);
  await expect(spool.appendBytes([])).rejects.toThrow(RangeError);
  const half = Buffer.alloc(48 * MIB);
  await expect(spool.appendBytes([half, half, Buffer.from('x')])).rejects.toThrow(RangeError);
  await spool.append({ id: 0 });
  await spool.close();
  expect(await ids()).toEqual([0]);
});

test('reading while writing sees a growing prefix, never garbage', async () => {
  const spool = await open(64 * MIB, 4096);
  const writing = (async () => {
    for (const id of upTo(300)) await spool.append({ id, text: 'x'.repeat(id) });
  })();
  let seen = 0;
  while (seen < 300) {
    const read = await ids();
    expect(read).toEqual(upTo(read.length));
    expect(read.length).toBeGreaterThanOrEqual(seen);
    seen = read.length;
  }
  await writing;
  await spool.close();
});

test('bytes come back as they were given, in parts or whole, beside JSON', async () => {
  const spool = await open();
  const large = Buffer.alloc(20 * MIB, 7);
  await Promise.all([
    spool.appendBytes([Buffer.from('a\n'), Buffer.from([0, 255, 10])]),
    spool.append({ id: 0 }),
    spool.appendBytes([large]),
  ]);
  await spool.close();
  const read: Buffer[] = [];
  for await (const { payload } of readSpoolBytes(directory)) read.push(payload);
  expect(read[0]).toEqual(Buffer.from([97, 10, 0, 255, 10]));
  expect(read[1]!.toString()).toBe('{"id":0}\n');
  expect(read[2]!.equals(large)).toBe(true);
});

test('a part may be written over once it is given', async () => {
  const spool = await open();
  const part = Buffer.from('mine');
  const written = spool.appendBytes([part]);
  part.fill(0);
  await written;
  await spool.close();
  for await (const { payload } of readSpoolBytes(directory)) expect(payload.toString()).toBe('mine');
});

test('what waits for the disk is bounded, but a single record may be longer than the bound', async () => {
  const spool = await open();
  const part = Buffer.alloc(40 * MIB, 1);
  const first = spool.appendBytes([part, part]);
  await expect(spool.appendBytes([part])).rejects.toMatchObject({ code: 'gateway_spool_full' });
  await first;
  await spool.append({ id: 1 });
  await spool.close();
});

test('committed ascends with every append, and is told before the append resolves', async () => {
  const spool = await open(64 * MIB, 4096);
  const told: SpoolPosition[] = [];
  spool.onCommit((position) => told.push(position));
  expect(spool.committed).toEqual({ segment: 1, offset: SEGMENT_HEADER.length });
  for (const id of upTo(20)) {
    await spool.append({ id, text: 'x'.repeat(500) });
    expect(told.at(-1)).toEqual(spool.committed);
    expect((await readAll()).at(-1)!.position).toEqual(spool.committed);
  }
  expect(told.length).toBe(20);
  expect(told.slice(1).every((position, at) => comparePositions(told[at]!, position) < 0)).toBe(true);
  const last = spool.committed;
  await spool.close();
  const reopened = await open(64 * MIB, 4096);
  expect(reopened.committed).toEqual(last);
  await reopened.close();
});

test('acknowledgements may come at once', async () => {
  const spool = await open(64 * MIB, 4096);
  for (const id of upTo(30)) await spool.append({ id, text: 'x'.repeat(500) });
  const all = await readAll();
  await Promise.all(all.map(({ position }) => spool.acknowledge(position)));
  expect(segments()).toHaveLength(1);
  expect(spool.size).toBe(statSync(path.join(directory, segments()[0]!)).size);
  await spool.close();
});

test('nothing behind a given position is read, wherever it stands', async () => {
  const spool = await open(64 * MIB, 4096);
  for (const id of upTo(20)) await spool.append({ id, text: 'x'.repeat(500) });
  await spool.close();
  const all = await readAll();
  expect(all.at(-1)!.position.segment).toBeGreaterThan(1);
  for (const [at, { position }] of all.entries()) {
    for (const upTo of [position, { ...position, offset: position.offset + 1 }]) {
      let count = 0;
      for await (const _ of readSpoolBytes(directory, { upTo })) count += 1;
      expect(count).toBe(at + 1);
    }
  }
});

test('a directory keeps its id, another has another, and a damaged one is not replaced', async () => {
  const first = await open();
  const { spoolId } = first;
  await first.close();
  const second = await open();
  expect(second.spoolId).toBe(spoolId);
  await second.close();
  writeFileSync(path.join(directory, 'spool-id'), 'nonsense');
  await expect(open()).rejects.toThrow(/does not hold the id/);
  rmSync(directory, { recursive: true });
  const other = await open();
  expect(other.spoolId).not.toBe(spoolId);
  await other.close();
});
