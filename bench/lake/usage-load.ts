/**
 * The way of usage records without the requests they come from: a spool in this process, as in the gateway's,
 * and the lake process that empties it. Takes a directory, a number of records and records per second (0: as
 * fast as they become durable); prints a `UsageLoadResult` as JSON.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LakeClient } from '../../packages/gateway/src/processes/lake-client.ts';
import { spoolDirectoryName, spoolNames } from '../../packages/gateway/src/processes/lake-protocol.ts';
import { Spool } from '../../packages/gateway/src/usage/spool.ts';
import { usageTable } from '../../packages/gateway/src/usage/usage-table.ts';
import { lakeConfig, lakeProcessFile } from './lake-settings.ts';
import { cpuMicroseconds } from '../process-usage.ts';
import { usageRow } from './usage-rows.ts';

export interface UsageLoadResult {
  readonly records: number;
  /** Seconds until all were durable, and until all were in the table. */
  readonly durableSeconds: number;
  readonly seconds: number;
  /** CPU microseconds per record. */
  readonly cpuSpool: number;
  readonly cpuLake: number;
}

/** Appended together, as requests that end in the same moment are. */
const BURST = 50;

const [directory = '', count = '', pace = ''] = process.argv.slice(2);
const records = Number(count);
if ('schema' in usageTable) console.log(JSON.stringify(await run(usageTable.schema)));

async function run(schema: Parameters<LakeClient['createTable']>[0]['schema']): Promise<UsageLoadResult> {
  const spools = await Promise.all(
    spoolNames.map((name) =>
      Spool.open({ directory: path.join(directory, spoolDirectoryName(name)), maxBytes: 2 ** 32 }),
    ),
  );
  const [usage, payloads, telemetry, audit] = spools as [Spool, Spool, Spool, Spool];
  const lake = new LakeClient({
    file: lakeProcessFile,
    open: { lake: lakeConfig(directory), dataDirectory: directory },
    log: () => {},
    onProgress: () => {},
    onRestart: () => {},
    onLoaded: ({ position }) => void usage.acknowledge(position),
  });
  const table = { id: crypto.randomUUID(), location: 'system/ai_gateway/usage' };
  await lake.createTable({ ...table, schema, properties: {} });
  usage.onCommit((position) => lake.committed('usage', position));
  await lake.startLoader({
    usageTable: table,
    // Never written here.
    auditTable: table,
    committed: {
      usage: usage.committed,
      payloads: payloads.committed,
      telemetry: telemetry.committed,
      audit: audit.committed,
    },
  });
  const cpu = () => [process.cpuUsage(), cpuMicroseconds(lake.pid!)] as const;
  const [spoolBefore, lakeBefore] = cpu();
  const started = performance.now();
  await append(usage, started);
  const durableSeconds = (performance.now() - started) / 1000;
  while ((await lake.describe(table.location)).rows !== records) await sleep(50);
  const seconds = (performance.now() - started) / 1000;
  const [spoolAfter, lakeAfter] = cpu();
  for (const spool of spools) await spool.close();
  await lake.close();
  return {
    records,
    durableSeconds,
    seconds,
    cpuSpool: (spoolAfter.user + spoolAfter.system - spoolBefore.user - spoolBefore.system) / records,
    cpuLake: (lakeAfter - lakeBefore) / records,
  };
}

async function append(spool: Spool, started: number): Promise<void> {
  const perSecond = Number(pace);
  for (let number = 0; number < records; number += BURST) {
    const early = perSecond === 0 ? 0 : started + (number * 1000) / perSecond - performance.now();
    if (early > 0) await sleep(early);
    const size = Math.min(BURST, records - number);
    await Promise.all(Array.from({ length: size }, (_, index) => spool.append(usageRow(number + index, Date.now()))));
  }
}
