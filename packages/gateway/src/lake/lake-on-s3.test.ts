import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalLake } from './local-lake.ts';
import { makeS3Place, type S3Place } from './object-store/testing/s3-place.ts';
import { ParquetEngine } from './parquet/engine.ts';
import { field, struct } from './schema/delta-type.ts';
import { ndjson } from './testing/lake-place.ts';

const schema = struct(field('id', 'long'), field('text', 'string'));
const SEED = Number(process.env['UCODE_SEED'] ?? 1);

let place: S3Place;
let reader: ParquetEngine;
const lakes: LocalLake[] = [];
beforeEach(async () => {
  place = await makeS3Place();
  const temporaryDirectory = path.join(place.scratch, 'reader');
  reader = await ParquetEngine.open({ memoryLimitBytes: 256 * 1024 * 1024, threads: 1, temporaryDirectory });
});
afterEach(async () => {
  for (const lake of lakes.splice(0)) lake.close();
  reader.close();
  await place.remove();
});

/** A lake as another gateway on the same bucket has it. */
async function openLake(): Promise<LocalLake> {
  const lake = await LocalLake.open({
    store: await place.open(),
    temporaryDirectory: path.join(place.scratch, crypto.randomUUID()),
    memoryLimitBytes: 256 * 1024 * 1024,
  });
  lakes.push(lake);
  return lake;
}

async function makeTable(lake: LocalLake, location: string) {
  const id = crypto.randomUUID();
  await lake.createTable({ id, location, schema, properties: { 'delta.checkpointInterval': '5' } });
  return { id, location };
}

async function readRows(lake: LocalLake, location: string): Promise<Record<string, unknown>[]> {
  return reader.rows((await lake.scan(location)).sql);
}

const idsIn = async (lake: LocalLake, location: string) =>
  (await readRows(lake, location)).map((row) => Number(row['id'])).toSorted((a, b) => a - b);
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index);

test('two lakes append to one table at once, and tidy it up between', async () => {
  const [one, two] = [await openLake(), await openLake()];
  const table = await makeTable(one, 'main/default/t');
  await Promise.all(
    upTo(12).map((id) => (id % 2 ? one : two).append({ table, rows: [ndjson([{ id, text: `row ${id}` }])] })),
  );
  expect(await idsIn(one, table.location)).toEqual(upTo(12));
  await two.optimize(table.location);
  expect((await one.describe(table.location)).files).toBe(1);
  await one.vacuum(table.location);
  expect(await idsIn(await openLake(), table.location)).toEqual(upTo(12));
});

test.each(['a[1]*?', `it's "odd" #1 100% + &=;:@`, 'grün ☘'])(
  'a table at %s has its rows, and no neighbour has',
  async (name) => {
    const lake = await openLake();
    const table = await makeTable(lake, `main/default/${name}`);
    await makeTable(lake, 'main/default/a1xy');
    await lake.append({ table, rows: [ndjson([{ id: 0, text: name }])] });
    expect(await readRows(lake, table.location)).toMatchObject([{ text: name }]);
    expect(await readRows(lake, 'main/default/a1xy')).toEqual([]);
  },
);

test(`faults at random: each batch is in the table once (UCODE_SEED=${SEED})`, async () => {
  const lake = await openLake();
  const table = await makeTable(lake, 'main/default/t');
  let state = SEED;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  place.double.setFault(({ operation }) => {
    if (random() > 0.2) return undefined;
    if (operation === 'PutObject' && random() < 0.4)
      return { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' };
    const faults = ['apply-then-die', 'die', 'cut-body'] as const;
    const kind = faults[Math.floor(random() * faults.length)]!;
    return kind === 'cut-body' ? { kind, afterBytes: 10 } : { kind };
  });
  for (const id of upTo(15)) {
    const append = { table, rows: [ndjson([{ id, text: '' }])], transaction: { appId: 'test', version: id } };
    // A batch that failed is sent again with the same number, as the loader does.
    for (let tries = 0; tries < 20; tries += 1) {
      const done = await lake.append(append).then(
        () => true,
        () => false,
      );
      if (done) break;
    }
  }
  place.double.setFault(undefined);
  expect(await idsIn(await openLake(), table.location)).toEqual(upTo(15));
});
