import { rm } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { Big } from 'big.js';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Scan, TableDescription } from '../lake/lake.ts';
import { LocalLake } from '../lake/local-lake.ts';
import type { ObjectStore } from '../lake/object-store/object-store.ts';
import { makeDirectory } from '../lib/make-directory.ts';
import { tableLocation } from '../unity/location.ts';
import { feedAppId, versionPosition } from '../usage/load-batch.ts';
import type { SpoolPosition } from '../usage/spool-format.ts';
import { readSpoolId } from '../usage/spool-id.ts';
import { USAGE_FEED, usageTable } from '../usage/usage-table.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import { groupings, type Grouping, type UsageTotals } from '../usage/usage-summary.ts';

const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;
const location = tableLocation(usageTable.name);
/** A running gateway may load more between two looks at the table; so often it is looked at again. */
const MOST_LOOKS = 20;

export interface RecordedUsageOptions {
  /** @param cacheDirectory for this process alone. */
  readonly openStore: (cacheDirectory: string) => Promise<ObjectStore>;
  readonly dataDirectory: string;
  /** Milliseconds since 1970; older rows are left out. */
  readonly since: number | undefined;
}

/** The rows of `system.ai_gateway.usage` at one moment, read beside a running gateway or without one. */
export class RecordedUsage {
  readonly #connection: DuckDBConnection;
  /** FROM and WHERE. */
  readonly #source: string;
  /** The table has every record of the spool before it, or it is parked. `undefined`: none. */
  readonly position: SpoolPosition | undefined;

  private constructor(connection: DuckDBConnection, source: string, position: SpoolPosition | undefined) {
    this.#connection = connection;
    this.#source = source;
    this.position = position;
  }

  /**
   * Gives `use` the rows, or `undefined` where the lake has no such table yet.
   * @throws GatewayError of the lake.
   */
  static async read(
    { openStore, dataDirectory, since }: RecordedUsageOptions,
    use: (usage: RecordedUsage | undefined) => Promise<void>,
  ): Promise<void> {
    const scratch = path.join(dataDirectory, 'tmp', `command-${process.pid}`);
    const temporaryDirectory = path.join(scratch, 'files');
    makeDirectory(temporaryDirectory);
    const cleanUp: (() => void)[] = [];
    try {
      const store = await openStore(path.join(scratch, 'cache'));
      const lake = await LocalLake.open({ store, temporaryDirectory, memoryLimitBytes: MEMORY_LIMIT_BYTES });
      cleanUp.push(() => lake.close());
      const found = await findRows(lake, dataDirectory, since);
      if (found === undefined) return await use(undefined);
      const instance = await DuckDBInstance.create(':memory:', {
        memory_limit: `${MEMORY_LIMIT_BYTES}B`,
        temp_directory: path.join(scratch, 'spill'),
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      });
      const connection = await instance.connect();
      cleanUp.push(() => {
        connection.closeSync();
        instance.closeSync();
      });
      await connection.run("SET TimeZone = 'UTC'");
      const where = since === undefined ? '' : ` WHERE event_time >= TIMESTAMPTZ '${timestamp(since)}'`;
      await use(new RecordedUsage(connection, `(${found.scan.sql})${where}`, found.position));
    } finally {
      for (const step of cleanUp.toReversed()) step();
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** The rows as the records they were, oldest first. */
  async *records(): AsyncIterable<UsageRecord> {
    const sql = `SELECT to_json(row)::VARCHAR FROM (
      SELECT * REPLACE (cost_usd::VARCHAR AS cost_usd) FROM ${this.#source} ORDER BY event_time, invocation_id
    ) AS row`;
    for await (const rows of (await this.#connection.stream(sql)).yieldRows()) {
      for (const [json] of rows) yield toRecord(JSON.parse(String(json)) as UsageRecord);
    }
  }

  /** The rows added up. */
  async totals(by: Grouping): Promise<UsageTotals[]> {
    const reader = await this.#connection.runAndReadAll(`SELECT
        ${groupings[by].column} AS "group",
        count_if(is_final)::DOUBLE AS requests,
        coalesce(sum(input_tokens), 0)::DOUBLE AS input_tokens,
        coalesce(sum(token_details.cache_read_input_tokens), 0)::DOUBLE AS cache_read_input_tokens,
        coalesce(sum(output_tokens), 0)::DOUBLE AS output_tokens,
        coalesce(sum(cost_usd), 0)::VARCHAR AS cost_usd,
        count_if(cost_usd IS NULL AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL))::DOUBLE AS unpriced
      FROM ${this.#source} GROUP BY ALL`);
    return reader.getRowObjectsJS() as unknown as UsageTotals[];
  }
}

/** A version of the table, and how far that very version has the spool. */
async function findRows(
  lake: LocalLake,
  dataDirectory: string,
  since: number | undefined,
): Promise<{ readonly scan: Scan; readonly position: SpoolPosition | undefined } | undefined> {
  const table = await describe(lake);
  if (table === undefined) return undefined;
  const spoolId = await readSpoolId(path.join(dataDirectory, 'spool'));
  const loaded = async (): Promise<number | undefined> =>
    spoolId === undefined
      ? undefined
      : lake.lastTransaction({ id: table.id, location }, feedAppId(spoolId, USAGE_FEED));
  const filters =
    since === undefined ? [] : [{ column: ['event_time'], operator: '>=' as const, values: [timestamp(since)] }];
  let before = await loaded();
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const scan = await lake.scan(location, { filters });
    const after = await loaded();
    if (before === after) return { scan, position: after === undefined ? undefined : versionPosition(after) };
    before = after;
  }
  throw new Error('The table of usage changes faster than it can be read. Try again.');
}

async function describe(lake: LocalLake): Promise<TableDescription | undefined> {
  try {
    return await lake.describe(location);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'caller_table_not_found') return undefined;
    throw error;
  }
}

/** DuckDB writes times and decimals in its own way. */
function toRecord(row: UsageRecord): UsageRecord {
  row.event_time = timestamp(Date.parse(row.event_time));
  if (row.cost_usd !== null) row.cost_usd = new Big(row.cost_usd).toFixed();
  const endpoint = row.endpoint_metadata;
  for (const key of ['creation_time', 'last_updated_time'] as const) {
    const time = endpoint?.[key];
    if (endpoint && time) endpoint[key] = timestamp(Date.parse(time));
  }
  return row;
}

function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
