/**
 * `npm run bench:lake`: telemetry, usage and queries, from request to committed Delta table. Linux, two cores: all
 * processes of the gateway share one, load and upstream have the other.
 *   npm run bench:lake -- --size 0.1          a tenth of the points and rows
 *   npm run bench:lake -- --cell metrics-50   only this cell (metrics-50, metrics-1000, logs-50, logs-1000, beside,
 *                                             usage-rows, query, open)
 *   npm run bench:lake -- --cores 0,1         the gateway may use both cores, beside load and upstream
 * Prints Markdown.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { firstLine, killAll, startPinned, stop } from './child.ts';
import { beside, MODERATE_RATE, type Beside } from './lake/beside.ts';
import { ingest, makeTable } from './lake/ingest.ts';
import { openTable, queryTable, usageRows } from './lake/programs.ts';
import { ProcessTree } from './lake/process-tree.ts';
import { besideReport, ingestReport, openReport, queryReport, usageReport, type IngestCell } from './lake/report.ts';
import { end, loadCore } from './measure.ts';
import { gateway, type Target } from './targets.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1' },
    cell: { type: 'string' },
    cores: { type: 'string', default: '0' },
  },
});
const size = Number(values.size);
const wanted = (cell: string): boolean => values.cell === undefined || values.cell === cell;
const directory = mkdtempSync(path.join(os.tmpdir(), 'ucode-bench-lake-'));
process.on('exit', killAll);
process.on('SIGINT', () => process.exit(130));

const PACE = 30_000;
const ingestCells = (['metrics', 'logs'] as const).flatMap((signal) =>
  [50, 1000].map((pointsPerRequest) => ({ id: `${signal}-${pointsPerRequest}`, signal, pointsPerRequest })),
);

try {
  if (process.platform !== 'linux' || os.cpus().length < 2)
    throw new Error('The benchmark needs Linux with two cores.');
  execFileSync(process.execPath, [path.join(import.meta.dirname, '..', 'scripts', 'build.mjs')]);
  console.log(`${os.cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, ${load()}.\n`);
  await withGateway('ingest', ingestAll);
  if (wanted('beside')) await withGateway('beside', besideAll);
  if (wanted('usage-rows')) {
    const most = await usageRows(scratch('usage-most'), Math.round(200_000 * size), 0);
    const paced = await usageRows(scratch('usage-paced'), Math.round(50_000 * size), 5000);
    print(usageReport([most, paced]));
  }
  if (wanted('query')) print(queryReport(await queryTable(scratch('query'), Math.round(1_000_000 * size))));
  if (wanted('open')) print(openReport(await openTable(scratch('open'), Math.round(10_000 * size))));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function ingestAll(target: Target, tree: ProcessTree): Promise<void> {
  const cells: IngestCell[] = [];
  for (const cell of ingestCells.filter(({ id }) => wanted(id))) {
    const table = await makeTable(target, `cell_${cell.pointsPerRequest}`, cell.signal);
    const plan = { ...cell, connections: 16 };
    await ingest(target, tree, { ...plan, points: Math.max(cell.pointsPerRequest * 50, 60_000 * size) }, table);
    const most = await ingest(target, tree, { ...plan, points: 600_000 * size }, table);
    const paced = await ingest(target, tree, { ...plan, points: 450_000 * size, pace: PACE }, table);
    cells.push({ ...cell, most, paced });
  }
  if (cells.length > 0) print(ingestReport(cells));
}

async function besideAll(target: Target): Promise<void> {
  const seconds = Math.max(4, Math.round(12 * size));
  const rows: (readonly [string, Beside])[] = [
    [`${MODERATE_RATE} requests/s offered`, await beside(target, seconds, MODERATE_RATE)],
    ['as many as go', await beside(target, seconds)],
  ];
  print(besideReport(rows));
}

async function withGateway(name: string, use: (target: Target, tree: ProcessTree) => Promise<void>): Promise<void> {
  const upstream = startPinned(loadCore, [process.execPath, path.join(import.meta.dirname, 'upstream.ts')]);
  const target = await gateway(Number(await firstLine(upstream)), scratch(name), [], values.cores);
  const tree = new ProcessTree(target.program!.pid);
  try {
    await use(target, tree);
  } finally {
    tree.close();
    await end(target);
    await stop(upstream);
  }
}

function scratch(name: string): string {
  const made = path.join(directory, name);
  mkdirSync(made, { recursive: true });
  return made;
}

function print(markdown: string): void {
  console.log(`${markdown}\n\n(${load()})\n`);
}

function load(): string {
  return `load average ${os.loadavg()[0]?.toFixed(1)}`;
}
