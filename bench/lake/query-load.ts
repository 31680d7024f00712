/**
 * The 30-day usage query over a table of many small files, before and after OPTIMIZE. Takes a directory and a
 * number of rows; prints a `QueryResult` as JSON.
 */
import path from 'node:path';
import { LocalLake } from '../../packages/gateway/src/lake/local-lake.ts';
import { LocalStore } from '../../packages/gateway/src/lake/object-store/local-store.ts';
import { DuckdbSqlEngine } from '../../packages/gateway/src/sql/duckdb-sql-engine.ts';
import type { Caller } from '../../packages/gateway/src/unity/caller.ts';
import type { Catalog, ReadableTable } from '../../packages/gateway/src/unity/catalog.ts';
import { EMPTY_RESULT } from '../../packages/gateway/src/unity/result-table.ts';
import { usageTable } from '../../packages/gateway/src/usage/usage-table.ts';
import { usageQuery } from '../../test/e2e/support/usage-query.ts';
import { lakeConfig, sqlConfig, sqlProcessFile } from './lake-settings.ts';
import { ProcessTree } from './process-tree.ts';
import { HEAVY_USER, OTHER_USER, usageRow } from './usage-rows.ts';

export interface QueryResult {
  readonly rows: number;
  readonly before: Timings;
  readonly after: Timings;
  readonly appendSeconds: number;
  readonly optimizeSeconds: number;
  /** The first statement of all, with the start of its process. */
  readonly firstMs: number;
  /** Resident bytes of the SQL process at most. */
  readonly sqlPeak: number;
}

/** Medians, milliseconds. */
export interface Timings {
  readonly files: number;
  /** Of an admin, whose rows are filtered by the query alone. */
  readonly admin: number;
  /** Of someone who sees only their own rows, a tenth of the table. */
  readonly own: number;
  /** Of someone with a hundredth of the table. */
  readonly few: number;
  /** The same query over no files: planning, processes and everything else but reading. */
  readonly planning: number;
}

const APPENDS = 400;
const DAYS = 30;
const ROUNDS = 5;
const [directory = '', count = ''] = process.argv.slice(2);
const settings = lakeConfig(directory);
const location = 'system/ai_gateway/usage';
const empty = 'system/ai_gateway/empty';

const lake = await LocalLake.open({
  store: new LocalStore(settings.root),
  temporaryDirectory: path.join(directory, 'tmp'),
  memoryLimitBytes: settings.memoryLimitBytes,
});
const engine = new DuckdbSqlEngine<string>({
  catalog: { readable } as Catalog,
  lake,
  executor: { execute: async () => EMPTY_RESULT },
  parseStatement: () => undefined,
  config: sqlConfig,
  processFile: sqlProcessFile,
  log: (message) => console.error(message),
});
const tree = new ProcessTree(process.pid);
console.log(JSON.stringify(await run()));
tree.close();
await engine.close();
lake.close();

async function run(): Promise<QueryResult> {
  const rows = Number(count);
  await makeTable(empty);
  const appendSeconds = await seconds(() => fill(rows));
  const firstMs = (await seconds(() => query(HEAVY_USER, false))) * 1000;
  const before = await timings();
  const optimizeSeconds = await seconds(() => lake.optimize(location));
  const after = await timings();
  return { rows, before, after, appendSeconds, optimizeSeconds, firstMs, sqlPeak: tree.takePeak().sql };
}

async function makeTable(at: string): Promise<{ id: string; location: string }> {
  const table = { id: crypto.randomUUID(), location: at };
  if ('schema' in usageTable) await lake.createTable({ ...table, schema: usageTable.schema, properties: {} });
  return table;
}

/** As the loader leaves them: in the order of time, the last row a second ago. */
async function fill(rows: number): Promise<void> {
  const table = await makeTable(location);
  const first = Date.now() - DAYS * 86_400_000 + 60_000;
  const each = Math.ceil(rows / APPENDS);
  for (let start = 0; start < rows; start += each) {
    const lines = Array.from({ length: Math.min(each, rows - start) }, (_, index) => {
      const time = first + ((start + index) / rows) * (DAYS * 86_400_000 - 120_000);
      return `${JSON.stringify(usageRow(start + index, time))}\n`;
    });
    await lake.append({ table, rows: [Buffer.from(lines.join(''))] });
  }
}

async function timings(): Promise<Timings> {
  return {
    files: (await lake.describe(location)).files,
    admin: await median(() => query(HEAVY_USER, true)),
    own: await median(() => query(HEAVY_USER, false)),
    few: await median(() => query(OTHER_USER, false)),
    planning: await median(() => query(HEAVY_USER, true, usageQuery.replace('.usage', '.empty'))),
  };
}

async function query(userName: string, isAdmin: boolean, sql = usageQuery): Promise<void> {
  const caller: Caller = { userName, groups: isAdmin ? ['admins'] : [] };
  const result = await engine.execute({ sql, caller });
  if (result.rows.length === 0 && sql === usageQuery) throw new Error('the query gives no rows');
}

async function readable(name: readonly string[], caller: Caller): Promise<ReadableTable> {
  const at = name.at(-1) === 'empty' ? empty : location;
  const { id } = await lake.describe(at);
  const info = {
    kind: 'MANAGED',
    catalog: 'system',
    schema: 'ai_gateway',
    name: name.at(-1),
    table: { id, location: at },
  };
  const ownRowsColumn = caller.groups.includes('admins') ? undefined : 'requester';
  return { info, ownRowsColumn, rows: undefined } as unknown as ReadableTable;
}

async function median(task: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push((await seconds(task)) * 1000);
  return times.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

async function seconds(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return (performance.now() - started) / 1000;
}
