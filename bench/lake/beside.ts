import path from 'node:path';
import { firstLine, startPinned } from '../child.ts';
import { loadCore } from '../measure.ts';
import type { Target } from '../targets.ts';
import { makeTable, percentile, send, type IngestPlan } from './ingest.ts';
import type { RelayPlan, RelayResult } from './relay-load.ts';

/** Relayed requests per second that are offered where the load is less than the core can bear. */
export const MODERATE_RATE = 1000;
/** The telemetry beside: points per second. */
const POINTS_PER_SECOND = 30_000;

export interface Relaying {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface Beside {
  readonly alone: Relaying;
  readonly beside: Relaying;
  readonly ackP99: number;
}

/** Relays 2 KB of JSON for some seconds alone, and then beside telemetry. @param pace requests per second; left out: as many as go. */
export async function beside(target: Target, seconds: number, pace?: number): Promise<Beside> {
  const table = await makeTable(target, `beside_${pace ?? 'most'}`, 'metrics');
  const plan: IngestPlan = {
    signal: 'metrics',
    pointsPerRequest: 1000,
    points: POINTS_PER_SECOND * (seconds + 2),
    connections: 16,
    pace: POINTS_PER_SECOND,
  };
  // What was compiled meanwhile must not count as a gain of the second run.
  await relay(target, 3, pace);
  const alone = await relay(target, seconds, pace);
  const telemetry = send(target, plan, table);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const together = await relay(target, seconds, pace);
  const { result } = await telemetry;
  return { alone, beside: together, ackP99: percentile(result.latencies, 0.99) };
}

async function relay(target: Target, seconds: number, pace: number | undefined): Promise<Relaying> {
  const plan: RelayPlan = { port: target.port, path: target.path, token: target.token, seconds, connections: 32, pace };
  const program = path.join(import.meta.dirname, 'relay-load.ts');
  const load = startPinned(loadCore, [process.execPath, program, JSON.stringify(plan)]);
  const { perSecond, latencies } = JSON.parse(await firstLine(load)) as RelayResult;
  await load.exited;
  return { perSecond, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}
