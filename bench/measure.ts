import path from 'node:path';
import type { Cell } from './cells.ts';
import { firstLine, startPinned, stop } from './child.ts';
import type { LoadPlan, LoadResult } from './load.ts';
import { cpuMicroseconds, residentBytes } from './process-usage.ts';
import type { Target } from './targets.ts';

/** What one cell gave for one target in one round. Times in microseconds; `undefined` where it means nothing. */
export interface Sample {
  readonly perSecond: number | undefined;
  readonly cpuPerRequest: number | undefined;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly jitterP50: number | undefined;
  readonly jitterP99: number | undefined;
  /** Resident bytes at the end of the cell. */
  readonly resident: number | undefined;
  /** `idle` only: resident bytes that each open stream added. */
  readonly residentPerStream: number | undefined;
}

/** Core of load generator and upstream. */
export const loadCore = 1;

/** Runs one cell against one target, once. */
export async function measure(cell: Cell, target: Target): Promise<Sample> {
  const plan: LoadPlan = { ...cell.load, port: target.port, path: target.path, token: target.token };
  const pid = target.program?.pid;
  const cpuBefore = pid === undefined ? 0 : cpuMicroseconds(pid);
  const residentBefore = pid === undefined ? 0 : residentBytes(pid);
  const load = startPinned(loadCore, [
    process.execPath,
    path.join(import.meta.dirname, 'load.ts'),
    JSON.stringify(plan),
  ]);
  const line = await firstLine(load).catch((error: Error) => {
    throw new Error(`${target.name}, ${cell.title}: ${error.message}`);
  });
  const result = JSON.parse(line) as LoadResult;
  const cpu = pid === undefined ? undefined : cpuMicroseconds(pid) - cpuBefore;
  const resident = pid === undefined ? undefined : residentBytes(pid);
  load.child.stdin.end();
  await load.exited;
  const idle = plan.kind === 'idle';
  return {
    perSecond: idle ? undefined : result.requests / result.seconds,
    cpuPerRequest: idle || cpu === undefined ? undefined : cpu / result.requests,
    p50: percentile(result.latencies, 0.5),
    p99: percentile(result.latencies, 0.99),
    jitterP50: percentile(result.jitters, 0.5),
    jitterP99: percentile(result.jitters, 0.99),
    resident,
    residentPerStream: idle && resident !== undefined ? (resident - residentBefore) / result.requests : undefined,
  };
}

/** Ends a target's process, when it has one. */
export async function end(target: Target): Promise<void> {
  if (target.program) await stop(target.program);
}

/** Value below which a share of the sorted numbers lies. */
function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
