/**
 * `npm run bench`: gateway and rivals side by side, one core each, load and upstream on another. Linux only.
 *   npm run bench -- --rounds 3        medians of three interleaved rounds (default)
 *   npm run bench -- --size 0.1        a tenth of the requests
 *   npm run bench -- --cell json       only this cell (json, large, burst, paced, idle)
 *   npm run bench -- --profile json    one cell under --cpu-prof, and where the time went
 * Prints Markdown.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cells as allCells, type Cell } from './cells.ts';
import { firstLine, killAll, startPinned, stop } from './child.ts';
import { summariseProfile } from './cpu-profile.ts';
import { end, loadCore, measure, type Sample } from './measure.ts';
import { key, report } from './report.ts';
import { direct, gateway, nginx, type Target } from './targets.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    size: { type: 'string', default: '1' },
    cell: { type: 'string' },
    profile: { type: 'string' },
    'without-gateway': { type: 'boolean', default: false },
  },
});
const chosen = values.profile ?? values.cell;
const cells = allCells(Number(values.size)).filter(
  (cell) => !chosen || cell.id === chosen || cell.id.startsWith(`${chosen}-`),
);
const directory = mkdtempSync(path.join(os.tmpdir(), 'ucode-bench-'));
process.on('exit', killAll);
process.on('SIGINT', () => process.exit(130));

try {
  if (process.platform !== 'linux' || os.cpus().length < 2)
    throw new Error('The benchmark needs Linux with two cores.');
  if (!values['without-gateway'])
    execFileSync(process.execPath, [path.join(import.meta.dirname, '..', 'scripts', 'build.mjs')]);
  const upstream = startPinned(loadCore, [process.execPath, path.join(import.meta.dirname, 'upstream.ts')]);
  const port = Number(await firstLine(upstream));
  if (values.profile) await profile(port);
  else await compare(port);
  await stop(upstream);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function compare(port: number): Promise<void> {
  const rival = await nginx(port, directory);
  if (!rival) console.error('nginx is not installed, going on without: apt-get install nginx-light');
  const targets = [
    direct(port),
    ...(rival ? [rival] : []),
    ...(values['without-gateway'] ? [] : [await gateway(port, directory, [])]),
  ];
  const samples = new Map<string, Sample[]>();
  const take = async (cell: Cell, target: Target, note: string): Promise<void> => {
    console.error(`${note}: ${cell.title}, ${target.name}`);
    samples.set(key(cell, target), [...(samples.get(key(cell, target)) ?? []), await measure(cell, target)]);
  };
  // Memory per stream is seen best in a process that has no free memory from earlier work.
  for (const cell of cells.filter((one) => one.load.kind === 'idle')) {
    for (const target of targets.filter((one) => one.program)) await take(cell, target, 'at first');
  }
  for (const target of targets) await warmUp(target);
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const cell of cells.filter((one) => one.load.kind !== 'idle')) {
      for (const target of targets) await take(cell, target, `round ${round}`);
    }
  }
  console.log(
    `${os.cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, load average ${os.loadavg()[0]?.toFixed(1)}, ${values.rounds} rounds.\n`,
  );
  console.log(report(cells, targets, samples));
  for (const target of targets) await end(target);
}

async function profile(port: number): Promise<void> {
  const flags = ['--cpu-prof', '--cpu-prof-interval=250', `--cpu-prof-dir=${directory}`];
  const target = await gateway(port, directory, flags);
  for (const cell of cells) await measure(cell, target);
  await end(target);
  console.log(summariseProfile(directory));
}

/** Lets a just-in-time compiler do its work before anything counts. */
async function warmUp(target: Target): Promise<void> {
  const warm = (cell: Cell) => ({ ...cell, load: { ...cell.load, requests: Math.min(cell.load.requests, 3000) } });
  for (const cell of allCells(0.3).filter(({ id }) => id === 'json' || id === 'large' || id === 'burst')) {
    await measure(warm(cell), target);
  }
}
