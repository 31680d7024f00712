import type { Cell } from './cells.ts';
import type { Sample } from './measure.ts';
import type { Target } from './targets.ts';

/** All samples, by cell and target: one per round. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** Key of `Samples`. */
export const key = (cell: Cell, target: Target) => `${cell.id}/${target.name}`;

/** The figures as Markdown, medians of all rounds. */
export function report(cells: readonly Cell[], targets: readonly Target[], samples: Samples): string {
  const lines = [
    '| cell | target | requests/s | of direct | CPU us/request | of nginx | added p50 us | added p99 us | gap jitter p50/p99 us | RSS MB | KB/stream |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  for (const cell of cells) {
    for (const target of targets) {
      if (!samples.has(key(cell, target))) continue;
      const of = (name: Target['name'], field: keyof Sample) =>
        median((samples.get(`${cell.id}/${name}`) ?? []).map((sample) => sample[field]));
      const mine = (field: keyof Sample) => of(target.name, field);
      const added = (field: 'p50' | 'p99') =>
        target.name === 'direct' || cell.load.connections > 1 ? undefined : minus(mine(field), of('direct', field));
      lines.push(
        `| ${[
          cell.title,
          target.name,
          whole(mine('perSecond')),
          percent(mine('perSecond'), of('direct', 'perSecond')),
          whole(mine('cpuPerRequest')),
          times(mine('cpuPerRequest'), of('nginx', 'cpuPerRequest')),
          whole(added('p50')),
          whole(added('p99')),
          mine('jitterP50') === undefined ? '' : `${whole(mine('jitterP50'))} / ${whole(mine('jitterP99'))}`,
          whole(scaled(mine('resident'), 1024 * 1024)),
          whole(scaled(mine('residentPerStream'), 1024)),
        ].join(' | ')} |`,
      );
    }
  }
  const starts = targets.filter((target) => target.startMs !== undefined);
  lines.push('', `Start to listening: ${starts.map((t) => `${t.name} ${whole(t.startMs)} ms`).join(', ')}.`);
  return lines.join('\n');
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (known.length === 0) return undefined;
  const middle = known.length >> 1;
  return known.length % 2 === 1 ? known[middle] : ((known[middle - 1] ?? 0) + (known[middle] ?? 0)) / 2;
}

const minus = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a - b;
const scaled = (value: number | undefined, unit: number) => (value === undefined ? undefined : value / unit);
const whole = (value: number | undefined) => (value === undefined ? '' : Math.round(value).toLocaleString('en-US'));
const percent = (value: number | undefined, base: number | undefined) =>
  value === undefined || !base ? '' : `${Math.round((value / base) * 100)} %`;
const times = (value: number | undefined, base: number | undefined) =>
  value === undefined || !base ? '' : (value / base).toFixed(1);
