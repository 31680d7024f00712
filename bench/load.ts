/**
 * The load generator, its own process. Takes a `LoadPlan` as JSON in its only argument, sends the load
 * to a port of this machine and prints a `LoadResult` as JSON. In plan `idle` it prints when all streams
 * are open and holds them until its input closes.
 */
import { requestBytes, type BodyKind } from './request-body.ts';
import { RawConnection } from './raw-connection.ts';

export interface LoadPlan {
  readonly port: number;
  readonly path: string;
  readonly token: string;
  readonly model: string;
  readonly body: BodyKind;
  /** Connections, each with one request at a time. */
  readonly connections: number;
  /** Requests in all; for `idle` the connections. */
  readonly requests: number;
  readonly kind: 'closed' | 'paced' | 'idle';
}

export interface LoadResult {
  readonly seconds: number;
  readonly requests: number;
  /** Microseconds per request, sorted. */
  readonly latencies: readonly number[];
  /** `paced` only: microseconds by which the gap between two events differed from the upstream's, sorted. */
  readonly jitters: readonly number[];
}

const plan = JSON.parse(process.argv[2] ?? '') as LoadPlan;
const request = requestBytes(plan);
const connections = await Promise.all(Array.from({ length: plan.connections }, () => RawConnection.open(plan.port)));
if (plan.kind === 'idle') await holdIdle();
else console.log(JSON.stringify(await run()));
for (const connection of connections) connection.close();

async function run(): Promise<LoadResult> {
  const latencies: number[] = [];
  const jitters: number[] = [];
  let left = plan.requests;
  const started = process.hrtime.bigint();
  await Promise.all(
    connections.map(async (connection) => {
      while (left-- > 0) {
        if (plan.kind === 'paced') connection.onBody = jitterMeter(jitters);
        const sent = process.hrtime.bigint();
        const { status } = await connection.send(request);
        if (status !== 200) throw new Error(`the target answered ${status}`);
        latencies.push(Number(process.hrtime.bigint() - sent) / 1000);
      }
    }),
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const rising = (a: number, b: number) => a - b;
  return { seconds, requests: latencies.length, latencies: latencies.sort(rising), jitters: jitters.sort(rising) };
}

/** Compares the gaps between events as they arrive with the gaps as they were sent. */
function jitterMeter(jitters: number[]): (piece: Buffer) => void {
  let carried = '';
  let sentBefore = 0;
  let arrivedBefore = 0;
  return (piece) => {
    const arrived = Number(process.hrtime.bigint() / 1000n);
    const text = carried + piece.toString('latin1');
    let end = 0;
    for (const match of text.matchAll(/t=(\d+) /g)) {
      const sent = Number(match[1]);
      if (sentBefore > 0) jitters.push(Math.abs(arrived - arrivedBefore - (sent - sentBefore)));
      sentBefore = sent;
      arrivedBefore = arrived;
      end = match.index + match[0].length;
    }
    carried = text.slice(end).slice(-64);
  };
}

async function holdIdle(): Promise<void> {
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve, reject) => {
          connection.onBody = () => resolve();
          connection.send(request).catch(reject);
        }),
    ),
  );
  console.log(JSON.stringify({ seconds: 0, requests: connections.length, latencies: [], jitters: [] }));
  await new Promise<void>((resolve) => process.stdin.on('end', resolve).resume());
}
