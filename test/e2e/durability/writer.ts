// One gateway's worth of writing, to be killed at any instant: appends rows for three tables to a spool,
// says which are acknowledged, while the loader fills the tables and compaction goes round. It also says how far it is:
// `started` before it opens anything, `ready` before it writes, `loaded` when rows of this run are in every table.
//   node writer.ts DATA LAKE PREFIX [drain]
import path from 'node:path';
import { LocalLake } from '../../../packages/gateway/src/lake/local-lake.ts';
import { LocalStore } from '../../../packages/gateway/src/lake/object-store/local-store.ts';
import { makeDirectory } from '../../../packages/gateway/src/lib/make-directory.ts';
import { Loader } from '../../../packages/gateway/src/usage/loader.ts';
import { comparePositions, type SpoolPosition } from '../../../packages/gateway/src/usage/spool-format.ts';
import { Spool } from '../../../packages/gateway/src/usage/spool.ts';
import { encodeTableRows } from '../../../packages/gateway/src/usage/table-rows.ts';
import { telemetryFeed } from '../../../packages/gateway/src/usage/telemetry-feed.ts';
import { durabilityTables } from './tables.ts';

const [data = '', root = '', prefix = '', mode] = process.argv.slice(2);
console.log('started');
const temporaryDirectory = path.join(data, 'tmp');
makeDirectory(temporaryDirectory);
const lake = await LocalLake.open({
  store: new LocalStore(root),
  temporaryDirectory,
  memoryLimitBytes: 256 * 1024 * 1024,
  threads: 1,
});
const directory = path.join(data, 'spool');
// Small segments, so that acknowledged ones are deleted during the test.
const spool = await Spool.open({ directory, maxBytes: 64 * 1024 * 1024, segmentBytes: 16 * 1024 });
/** Where the spool was when every table had a row of this run in it; forgotten once that is loaded. */
let complete: SpoolPosition | undefined;
const loader = new Loader({
  lake,
  feeds: [telemetryFeed({ directory })],
  parkedDirectory: path.join(data, 'parked'),
  commitIntervalMs: 20,
  log: {
    info() {},
    warn() {},
    error: (fields, message) => console.error(message, JSON.stringify(fields)),
  },
  onLoaded: (_feed, position) => {
    void spool.acknowledge(position);
    if (complete === undefined || comparePositions(complete, position) > 0) return;
    complete = undefined;
    console.log('loaded');
  },
});
spool.onCommit((position) => loader.committed('telemetry', position));
loader.committed('telemetry', spool.committed);
loader.start();
console.log('ready');

if (mode === 'drain') {
  await loader.drain();
  await loader.stop();
  await spool.close();
  lake.close();
} else {
  void compact();
  for (let n = 0; ; n++) {
    const group = Array.from({ length: 1 + (n % 3) }, (_, at) =>
      append(durabilityTables[(n + at) % 3]!, `${prefix}-${n}-${at}`),
    );
    await Promise.all(group);
    if (n === durabilityTables.length) complete = spool.committed;
  }
}

async function append(table: (typeof durabilityTables)[number], id: string): Promise<void> {
  const row = JSON.stringify({ id, at: Date.now(), attributes: { padding: 'x'.repeat(200) } });
  await spool.appendBytes(encodeTableRows({ table, lines: Buffer.from(`${row}\n`), count: 1 }));
  console.log(`ack ${table.id} ${id}`);
}

async function compact(): Promise<void> {
  for (;;) {
    for (const table of durabilityTables) {
      try {
        await lake.optimize(table.location);
        await lake.maintain(table.location);
      } catch (error) {
        // Another writer was first.
        if (!/conflict/i.test(String(error))) console.error('compaction', String(error));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
