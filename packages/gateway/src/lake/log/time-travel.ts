import { GatewayError } from '../../errors/gateway-error.ts';
import type { CommitReader } from './commit-reader.ts';
import type { LogListing } from './log-listing.ts';

/** Versions that a table still has. */
export interface VersionRange {
  readonly oldest: number;
  readonly newest: number;
}

/** @throws GatewayError `caller_invalid_parameter`, naming the versions there are. */
export function checkVersion(version: number, range: VersionRange): void {
  if (Number.isSafeInteger(version) && version >= range.oldest && version <= range.newest) return;
  throw new GatewayError(
    'caller_invalid_parameter',
    `The table has no version ${version}. Its versions are ${range.oldest} to ${range.newest}.`,
  );
}

export interface TimestampLookup {
  readonly range: VersionRange;
  /** Of the newest version, milliseconds since 1970. */
  readonly newestTimestamp: number;
  /** The clock, milliseconds since 1970. */
  readonly now: number;
  readonly listing: LogListing;
  readonly commits: CommitReader;
}

/**
 * The last version that was committed at or before a time. Times rise with the versions, so a few commits are
 * looked at and not all.
 * @throws GatewayError `caller_invalid_parameter`, naming the times there are.
 */
export async function versionAt(timestamp: number, lookup: TimestampLookup): Promise<number> {
  const { range, newestTimestamp, now } = lookup;
  if (timestamp >= newestTimestamp && timestamp <= Math.max(now, newestTimestamp)) return range.newest;
  const oldestTimestamp = await timestampOf(range.oldest, lookup);
  if (!Number.isFinite(timestamp) || timestamp < oldestTimestamp || timestamp > newestTimestamp) {
    throw new GatewayError(
      'caller_invalid_parameter',
      `The table has no version of ${timeText(timestamp)}. Its versions were committed from ${timeText(oldestTimestamp)} to ${timeText(newestTimestamp)}.`,
    );
  }
  let low = range.oldest;
  let high = range.newest;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await timestampOf(middle, lookup)) <= timestamp) low = middle;
    else high = middle;
  }
  return low;
}

/** When a version was committed: as its commit says, else when its file was written. */
async function timestampOf(version: number, { commits, listing }: TimestampLookup): Promise<number> {
  const written =
    listing.commits.get(version) ?? listing.checkpoints.find((one) => one.version === version)?.modifiedAt;
  return (await commits.read(version))?.entry.commitInfo?.timestamp || (written ?? 0);
}

function timeText(timestamp: number): string {
  return Math.abs(timestamp) <= 8.64e15 ? new Date(timestamp).toISOString() : String(timestamp);
}
