import type { Beside } from './beside.ts';
import type { Ingestion } from './ingest.ts';
import type { OpenResult } from './open-load.ts';
import type { QueryResult, Timings } from './query-load.ts';
import type { UsageLoadResult } from './usage-load.ts';

export interface IngestCell {
  readonly id: string;
  readonly most: Ingestion;
  readonly paced: Ingestion;
}

const MIB = 1024 * 1024;

export function ingestReport(cells: readonly IngestCell[]): string {
  return table(
    [
      'cell',
      'load',
      'acknowledged/s',
      'in the table/s',
      'points per core second',
      'CPU us/point gateway + lake',
      'ack p50 ms',
      'ack p99 ms',
      'peak RSS MB gateway / lake / SQL',
    ],
    cells.flatMap(({ id, most, paced }) => [
      ingestRow(id, 'as many as go', most),
      ingestRow(id, '30,000 points/s', paced),
    ]),
  );
}

/** Points per core second: what one core does that nothing else needs, from the CPU of gateway, its worker and the lake. */
function ingestRow(id: string, load: string, run: Ingestion): string[] {
  const { gateway, lake } = run.cpu;
  return [
    id,
    load,
    whole(run.points / run.ackSeconds),
    whole(run.points / run.seconds),
    whole(1e6 / (gateway + lake)),
    `${gateway.toFixed(1)} + ${lake.toFixed(1)}`,
    run.ackP50.toFixed(1),
    run.ackP99.toFixed(1),
    [run.peak.gateway, run.peak.lake, run.peak.sql].map((bytes) => whole(bytes / MIB)).join(' / '),
  ];
}

export function besideReport(rows: readonly (readonly [string, Beside])[]): string {
  return table(
    [
      'relayed JSON',
      'alone/s',
      'beside 30,000 points/s',
      'of alone',
      'p50 ms alone / beside',
      'p99 ms alone / beside',
      'ack p99 ms',
    ],
    rows.map(([name, { alone, beside, ackP99 }]) => [
      name,
      whole(alone.perSecond),
      whole(beside.perSecond),
      `${whole((beside.perSecond / alone.perSecond) * 100)} %`,
      `${alone.p50.toFixed(1)} / ${beside.p50.toFixed(1)}`,
      `${alone.p99.toFixed(1)} / ${beside.p99.toFixed(1)}`,
      ackP99.toFixed(1),
    ]),
  );
}

export function usageReport([most, paced]: readonly [UsageLoadResult, UsageLoadResult]): string {
  const row = (load: string, run: UsageLoadResult): string[] => [
    load,
    whole(run.records / run.durableSeconds),
    whole(run.records / run.seconds),
    `${run.cpuSpool.toFixed(1)} + ${run.cpuLake.toFixed(1)}`,
    (run.seconds - run.durableSeconds).toFixed(1),
  ];
  return table(
    ['usage rows', 'durable/s', 'in the table/s', 'CPU us/row spool + lake', 'last row behind s'],
    [row('as many as go', most), row('5,000 rows/s', paced)],
  );
}

export function queryReport({ rows, before, after, ...run }: QueryResult): string {
  const row = (state: string, times: Timings): string[] => [
    state,
    whole(times.files),
    ...[times.admin, times.own, times.few, times.planning].map(whole),
  ];
  return [
    table(
      [
        `30 days of usage, ${whole(rows)} rows`,
        'files',
        'admin ms',
        'own rows, a tenth ms',
        'own rows, a hundredth ms',
        'without files ms',
      ],
      [row('before OPTIMIZE', before), row('after', after)],
    ),
    '',
    `Written in ${run.appendSeconds.toFixed(1)} s, optimised in ${run.optimizeSeconds.toFixed(1)} s; first statement with the start of its process ${whole(run.firstMs)} ms; SQL process at most ${whole(run.sqlPeak / MIB)} MB.`,
  ].join('\n');
}

export function openReport(run: OpenResult): string {
  return table(
    [`table of ${whole(run.commits)} commits, ${whole(run.files)} files`, 'wall ms', 'CPU ms'],
    [
      ['first in a process', whole(run.firstMs), whole(run.firstCpuMs)],
      ['later', whole(run.laterMs), whole(run.laterCpuMs)],
    ],
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
