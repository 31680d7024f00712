/**
 * The sender of relayed requests beside telemetry, its own process. Takes a `RelayPlan` as JSON in its only argument
 * and prints a `RelayResult` as JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RawConnection } from '../raw-connection.ts';
import { requestBytes } from '../request-body.ts';

export interface RelayPlan {
  readonly port: number;
  readonly path: string;
  readonly token: string;
  readonly seconds: number;
  readonly connections: number;
  /** Requests per second that are offered; left out: as fast as answers come. */
  readonly pace?: number | undefined;
}

export interface RelayResult {
  readonly perSecond: number;
  /** Milliseconds from when a request was due, sorted. */
  readonly latencies: readonly number[];
}

const plan = JSON.parse(process.argv[2] ?? '') as RelayPlan;
const request = requestBytes({ ...plan, model: 'bench-json', body: 'small' });
const connections = await Promise.all(Array.from({ length: plan.connections }, () => RawConnection.open(plan.port)));
console.log(JSON.stringify(await run()));
for (const connection of connections) connection.close();

async function run(): Promise<RelayResult> {
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + plan.seconds * 1000;
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end) {
        const due = plan.pace === undefined ? performance.now() : started + (next++ * 1000) / plan.pace;
        const early = due - performance.now();
        if (early > 0) await sleep(early);
        const { status } = await connection.send(request);
        if (status !== 200) throw new Error(`the gateway answered ${status}`);
        latencies.push(performance.now() - due);
      }
    }),
  );
  const perSecond = latencies.length / ((performance.now() - started) / 1000);
  return { perSecond, latencies: latencies.sort((a, b) => a - b) };
}
