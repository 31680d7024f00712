/**
 * `npm run bench:governance`: what authentication, permissions, limits and budgets cost a small relayed request.
 *   npm run bench:governance -- --rounds 3 --size 1
 *   npm run bench:governance -- --before DIR   a built checkout to compare with, of before there was governance
 *   npm run bench:governance -- --redis URL    limits and budgets counted in that Redis, too
 *   npm run bench:governance -- --profile      the governed one under --cpu-prof, and where the time went
 * The gateways run one after the other in interleaved rounds, each on one core; load and upstream have the other. Linux only.
 * Prints Markdown.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cells as allCells } from './cells.ts';
import { firstLine, killAll, startPinned, stop } from './child.ts';
import { summariseProfile } from './cpu-profile.ts';
import { governed } from './governance/governed.ts';
import { end, loadCore, measure, type Sample } from './measure.ts';
import { gateway, type Target } from './targets.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    size: { type: 'string', default: '1' },
    before: { type: 'string' },
    redis: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});
const directory = mkdtempSync(path.join(os.tmpdir(), 'ucode-bench-'));
process.on('exit', killAll);
process.on('SIGINT', () => process.exit(130));

try {
  if (process.platform !== 'linux' || os.cpus().length < 2)
    throw new Error('The benchmark needs Linux with two cores.');
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
  const targets = await startAll(port);
  const samples = await takeRounds(targets);
  console.log(report(targets, samples));
  for (const target of targets) await end(target);
}

async function profile(port: number): Promise<void> {
  const flags = ['--cpu-prof', '--cpu-prof-interval=250', `--cpu-prof-dir=${directory}`];
  const target = await gateway(port, directory, flags, '0', { name: 'governed', more: governed(values.redis) });
  const [cell] = allCells(Number(values.size));
  if (cell) await measure(cell, target);
  await end(target);
  console.log(summariseProfile(directory));
}

async function startAll(port: number): Promise<Target[]> {
  const start = (name: string, more: Readonly<Record<string, unknown>> = {}, checkout?: string) =>
    gateway(port, directory, [], '0', { name, more, ...(checkout === undefined ? {} : { checkout }) });
  const targets: Target[] = [];
  if (values.before !== undefined) targets.push(await start('before', {}, path.resolve(values.before)));
  targets.push(await start('empty'), await start('governed', governed()));
  if (values.redis !== undefined) targets.push(await start('governed, Redis', governed(values.redis)));
  return targets;
}

async function takeRounds(targets: readonly Target[]): Promise<Map<Target, Sample[]>> {
  const cell = allCells(Number(values.size)).find(({ id }) => id === 'json');
  if (!cell) throw new Error('There is no cell of small JSON requests.');
  const samples = new Map<Target, Sample[]>(targets.map((target) => [target, []]));
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    for (const target of targets) {
      console.error(`${round === 0 ? 'warm-up' : `round ${round}`}: ${target.name}`);
      const sample = await measure(cell, target);
      // The first round is for the just-in-time compiler.
      if (round > 0) samples.get(target)?.push(sample);
    }
  }
  return samples;
}

function report(targets: readonly Target[], samples: ReadonlyMap<Target, readonly Sample[]>): string {
  const cpu = (target: Target): number => median((samples.get(target) ?? []).map((one) => one.cpuPerRequest ?? 0));
  const [base] = targets;
  const lines = targets.map((target) => {
    const mine = samples.get(target) ?? [];
    const figures = [
      target.name,
      Math.round(median(mine.map((one) => one.perSecond ?? 0))).toLocaleString('en-US'),
      cpu(target).toFixed(1),
      base === undefined || base === target ? '' : `${((cpu(target) / cpu(base) - 1) * 100).toFixed(1)} %`,
      Math.round(median(mine.map((one) => (one.resident ?? 0) / 1024 / 1024))),
      Math.round(target.startMs ?? 0),
    ];
    return `| ${figures.join(' | ')} |`;
  });
  return [
    `${os.cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, ${values.rounds} interleaved rounds, medians.`,
    '',
    '| gateway | requests/s | CPU us/request | more CPU than the first | RSS MB | start ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n');
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
