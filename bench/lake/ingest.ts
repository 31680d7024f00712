import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runSql } from '../../test/support/statements.ts';
import { firstLine, startPinned } from '../child.ts';
import { loadCore } from '../measure.ts';
import type { Target } from '../targets.ts';
import type { OtlpPlan, OtlpResult } from './otlp-load.ts';
import type { ByRole, ProcessTree } from './process-tree.ts';

/** How often the table is looked at once everything is sent, milliseconds. */
const LOOK_MS = 200;
const VISIBLE_LIMIT_MS = 180_000;

export interface Ingestion {
  readonly points: number;
  /** Seconds in which everything was acknowledged. */
  readonly ackSeconds: number;
  /** Seconds from the first request until SQL counts every point. */
  readonly seconds: number;
  /** CPU microseconds per point; `sql` is the count at the end. */
  readonly cpu: ByRole;
  /** Milliseconds from when a request was due to its acknowledgement. */
  readonly ackP50: number;
  readonly ackP99: number;
  readonly peak: ByRole;
}

export type IngestPlan = Pick<OtlpPlan, 'signal' | 'pointsPerRequest' | 'points' | 'connections' | 'pace'>;

/** Makes the tables of a prefix and gives the name of the signal's. */
export async function makeTable(target: Target, prefix: string, signal: IngestPlan['signal']): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${target.port}/api/2.0/otel/tables`, {
    method: 'POST',
    headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ catalog: 'main', schema: 'default', prefix, signals: [signal] }),
  });
  if (!response.ok) throw new Error(await response.text());
  return `main.default.${prefix}_otel_${signal}`;
}

/** Sends telemetry from the load's core and waits until SQL sees all of it. */
export async function ingest(target: Target, tree: ProcessTree, plan: IngestPlan, table: string): Promise<Ingestion> {
  const before = await rowsOf(target, table);
  const cpuBefore = tree.cpu();
  tree.takePeak();
  const { result, started } = await send(target, plan, table);
  const wanted = before + result.points;
  for (const limit = performance.now() + VISIBLE_LIMIT_MS; (await rowsOf(target, table)) < wanted; await sleep(LOOK_MS))
    if (performance.now() > limit) throw new Error(`${table} does not reach ${wanted} rows`);
  const seconds = (performance.now() - started) / 1000;
  const cpu = tree.cpu();
  const perPoint = (role: keyof ByRole): number => (cpu[role] - cpuBefore[role]) / result.points;
  return {
    points: result.points,
    ackSeconds: result.seconds,
    seconds,
    cpu: { gateway: perPoint('gateway'), lake: perPoint('lake'), sql: perPoint('sql') },
    ackP50: percentile(result.latencies, 0.5),
    ackP99: percentile(result.latencies, 0.99),
    peak: tree.takePeak(),
  };
}

/** Sends telemetry. `started` is when the sender began, by `performance.now`, to within its own resolution. */
export async function send(
  target: Target,
  plan: IngestPlan,
  table: string,
): Promise<{ readonly result: OtlpResult; readonly started: number }> {
  const full: OtlpPlan = { ...plan, port: target.port, token: target.token, table };
  const program = path.join(import.meta.dirname, 'otlp-load.ts');
  const load = startPinned(loadCore, [process.execPath, program, JSON.stringify(full)]);
  const result = JSON.parse(await firstLine(load)) as OtlpResult;
  const started = performance.now() - result.seconds * 1000;
  await load.exited;
  return { result, started };
}

async function rowsOf(target: Target, table: string): Promise<number> {
  const gateway = { url: `http://127.0.0.1:${target.port}`, token: target.token };
  const [row] = await runSql(gateway, `SELECT count(*) AS n FROM ${table}`);
  return Number(row?.['n']);
}

/** Value below which a share of the sorted numbers lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
