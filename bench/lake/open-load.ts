/**
 * Opens a table with a long log. Takes a directory, a number of commits and `make` (writes the log, with a checkpoint
 * every hundred commits) or `open` (describes the table in lakes that have never seen it; prints an `OpenResult` as JSON).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LocalLake } from '../../packages/gateway/src/lake/local-lake.ts';
import { DeltaLog } from '../../packages/gateway/src/lake/log/delta-log.ts';
import { LocalStore } from '../../packages/gateway/src/lake/object-store/local-store.ts';
import { ParquetEngine } from '../../packages/gateway/src/lake/parquet/engine.ts';
import { usageTable } from '../../packages/gateway/src/usage/usage-table.ts';
import { lakeConfig } from './lake-settings.ts';
import { usageStatistics } from './usage-statistics.ts';

export interface OpenResult {
  readonly commits: number;
  readonly files: number;
  /** Milliseconds, the first time in a process whose DuckDB is open. */
  readonly firstMs: number;
  /** Median of five more lakes in the same process. */
  readonly laterMs: number;
  /** CPU milliseconds, likewise: what it takes on a machine that does nothing else. */
  readonly firstCpuMs: number;
  readonly laterCpuMs: number;
}

const CHECKPOINT_EVERY = 100;
const ROUNDS = 5;
const location = 'bench/long';
const [directory = '', count = '', task = ''] = process.argv.slice(2);
const commits = Number(count);
const root = lakeConfig(directory).root;
const store = new LocalStore(root);
const memoryLimitBytes = 512 * 1024 * 1024;

console.log(JSON.stringify(task === 'make' ? await make() : await open()));

async function open(): Promise<OpenResult> {
  const times: number[] = [];
  const cpuTimes: number[] = [];
  let files = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const lake = await LocalLake.open({
      store,
      temporaryDirectory: path.join(directory, `tmp-${round}`),
      memoryLimitBytes,
    });
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    const table = await lake.describe(location);
    times.push(performance.now() - started);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuTimes.push((user + system) / 1000);
    files = table.files;
    lake.close();
    if (table.version !== commits - 1) throw new Error(`opened at version ${table.version}`);
  }
  const [firstMs = NaN, ...later] = times;
  const [firstCpuMs = NaN, ...laterCpu] = cpuTimes;
  return { commits, files, firstMs, laterMs: median(later), firstCpuMs, laterCpuMs: median(laterCpu) };
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
}

async function make(): Promise<{ readonly commits: number }> {
  const temporaryDirectory = path.join(directory, 'tmp-make');
  const lake = await LocalLake.open({ store, temporaryDirectory, memoryLimitBytes });
  if ('schema' in usageTable)
    await lake.createTable({ id: crypto.randomUUID(), location, schema: usageTable.schema, properties: {} });
  lake.close();
  const engine = await ParquetEngine.open({ memoryLimitBytes, threads: 2, temporaryDirectory });
  const log = new DeltaLog({ store, location, engine });
  const logDirectory = path.join(root, location, '_delta_log');
  mkdirSync(logDirectory, { recursive: true });
  const first = Date.now() - commits * 1000;
  for (let version = 1; version < commits; version += 1) {
    writeFileSync(
      path.join(logDirectory, `${String(version).padStart(20, '0')}.json`),
      commit(version, first + version * 1000),
    );
    if (version % CHECKPOINT_EVERY === 0) await log.checkpoint();
  }
  engine.close();
  return { commits };
}

/** A commit as an append of the loader leaves it. */
function commit(version: number, timestamp: number): string {
  const name = `part-00000-${version.toString(16).padStart(8, '0')}-7c3a-4f7e-9d55-3b7c1f0a9e42.c000.zstd.parquet`;
  const actions = [
    {
      commitInfo: {
        timestamp,
        operation: 'WRITE',
        operationParameters: { mode: 'Append', partitionBy: '[]' },
        operationMetrics: { numFiles: '1', numOutputRows: '2500', numOutputBytes: '180000' },
        isBlindAppend: true,
        readVersion: version - 1,
        txnId: crypto.randomUUID(),
      },
    },
    {
      add: {
        path: name,
        partitionValues: {},
        size: 180_000 + (version % 1000),
        modificationTime: timestamp,
        dataChange: true,
        stats: usageStatistics(version, timestamp),
      },
    },
    { txn: { appId: 'ucode-spool/bench/usage', version, lastUpdated: timestamp } },
  ];
  return actions.map((action) => `${JSON.stringify(action)}\n`).join('');
}
