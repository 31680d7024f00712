import type { Metadata } from './actions.ts';

const DAY_MS = 86_400_000;

/** Milliseconds of the units that intervals are written in. Months and years are refused by the format itself. */
const unitMs: Readonly<Record<string, number>> = {
  week: 7 * DAY_MS,
  day: DAY_MS,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
  microsecond: 0.001,
};

/** How long removed files stay for readers of old versions: `delta.deletedFileRetentionDuration`, else 7 days. */
export function deletedFileRetention(metadata: Metadata): number {
  return parseInterval(metadata.configuration['delta.deletedFileRetentionDuration']) ?? 7 * DAY_MS;
}

/** How long old versions of the log stay: `delta.logRetentionDuration`, else 30 days. */
export function logRetention(metadata: Metadata): number {
  return parseInterval(metadata.configuration['delta.logRetentionDuration']) ?? 30 * DAY_MS;
}

/** Commits between checkpoints: `delta.checkpointInterval`, else 100. */
export function checkpointInterval(metadata: Metadata): number {
  const interval = Number(metadata.configuration['delta.checkpointInterval'] ?? '');
  return Number.isSafeInteger(interval) && interval > 0 ? interval : 100;
}

export function isTrue(metadata: Metadata, property: string): boolean {
  return metadata.configuration[property]?.trim().toLowerCase() === 'true';
}

/** Milliseconds of `interval 30 days`, `interval 1 week 2 hours`; `undefined` where it is none. */
export function parseInterval(text: string | undefined): number | undefined {
  const body = text
    ?.trim()
    .toLowerCase()
    .replace(/^interval\s+/, '');
  if (body === undefined || !/^(?:\d+\s+[a-z]+)(?:\s+\d+\s+[a-z]+)*$/.test(body)) return undefined;
  let total = 0;
  for (const [, count, unit] of body.matchAll(/(\d+)\s+([a-z]+)/g)) {
    const milliseconds = unitMs[unit!.replace(/s$/, '')];
    if (milliseconds === undefined) return undefined;
    total += Number(count) * milliseconds;
  }
  return Number.isFinite(total) ? Math.floor(total) : undefined;
}
