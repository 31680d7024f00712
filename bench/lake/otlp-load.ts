/**
 * The sender of telemetry, its own process. Takes an `OtlpPlan` as JSON in its only argument, exports to the
 * gateway and prints an `OtlpResult` as JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RawConnection } from '../raw-connection.ts';
import { otlpBodies } from './otlp-bodies.ts';

export interface OtlpPlan {
  readonly port: number;
  readonly token: string;
  readonly table: string;
  readonly signal: 'metrics' | 'logs';
  readonly pointsPerRequest: number;
  readonly points: number;
  readonly connections: number;
  /** Points per second, sent whether or not earlier ones are answered; left out: as fast as answers come. */
  readonly pace?: number | undefined;
}

export interface OtlpResult {
  readonly seconds: number;
  /** Points that were acknowledged. */
  readonly points: number;
  /** Milliseconds from when a request was due to its acknowledgement, sorted. */
  readonly latencies: readonly number[];
}

const plan = JSON.parse(process.argv[2] ?? '') as OtlpPlan;
const requests = otlpBodies(plan.signal, plan.pointsPerRequest).map(request);
const connections = await Promise.all(Array.from({ length: plan.connections }, () => RawConnection.open(plan.port)));
console.log(JSON.stringify(await run()));
for (const connection of connections) connection.close();

async function run(): Promise<OtlpResult> {
  const count = Math.ceil(plan.points / plan.pointsPerRequest);
  const latencies: number[] = [];
  const started = performance.now();
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      for (let number = next++; number < count; number = next++) {
        const due =
          plan.pace === undefined ? performance.now() : started + (number * plan.pointsPerRequest * 1000) / plan.pace;
        const early = due - performance.now();
        if (early > 0) await sleep(early);
        const { status } = await connection.send(requests[number % requests.length]!);
        if (status !== 200) throw new Error(`the gateway answered ${status}`);
        // A timer may fire early or late by its own resolution; a request never counts from before it was due.
        latencies.push(performance.now() - (plan.pace === undefined ? due : Math.max(due, started)));
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  return { seconds, points: count * plan.pointsPerRequest, latencies: latencies.sort((a, b) => a - b) };
}

function request(body: Buffer): Buffer {
  const head = [
    `POST /api/2.0/otel/v1/${plan.signal} HTTP/1.1`,
    'host: 127.0.0.1',
    `authorization: Bearer ${plan.token}`,
    'content-type: application/x-protobuf',
    `x-databricks-uc-table-name: ${plan.table}`,
    'user-agent: OTel-OTLP-Exporter-JavaScript/0.200.0',
    `content-length: ${body.length}`,
  ].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
}
