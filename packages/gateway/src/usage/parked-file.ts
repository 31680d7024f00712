import { readdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { TableRef } from '../lake/lake.ts';
import { makeDirectory } from '../lib/make-directory.ts';
import { syncDirectory } from '../lib/sync-directory.ts';
import { versionPosition, type LoadRecord } from './load-batch.ts';
import { writeDurably } from './write-durably.ts';

/** First line of a parked file; the rows follow. */
export interface ParkedHead {
  readonly table: TableRef;
  /** Transaction id of the feed in that table. */
  readonly appId: string;
  /** Whether it is known that none of the rows is in the table. */
  readonly checked: boolean;
  /** Why the table did not take them. May quote their values. */
  readonly reason: string;
  /** The rows count only once the table has this transaction, which brought those beside them; before, they are to come again. */
  readonly gate?: ParkedTransaction | undefined;
  /** Name of an older file whose rows are in this one, too. */
  readonly replaces?: string | undefined;
  /** Version, bytes and number of rows of each record. */
  readonly records: readonly (readonly [version: number, bytes: number, count: number])[];
}

/** A transaction in a table. */
export interface ParkedTransaction {
  readonly appId: string;
  readonly version: number;
}

/** A file of parked rows, or what is left of it once they are in their table. */
export interface ParkedFile {
  readonly file: string;
  /** Id of the spool the rows are from. */
  readonly spoolId: string;
  readonly segment: number;
  readonly offset: number;
  /**
   * Empty: all rows up to the position that were not in the table. `u0`: rows picked out of a batch whose others went
   * into the table. `r1`, `u1`, ...: what was left when the other rows of `` or `u0` landed.
   */
  readonly part: string;
  /** A mark without rows: what stood here is in the table. Needed while the spool still has the records. */
  readonly landed: boolean;
}

const NAME =
  /^(?<feed>[\w-]+)-(?<spoolId>[0-9a-f-]{36})-(?<segment>\d+)-(?<offset>\d+)(?:-(?<part>[ur]\d+))?\.(?<ending>ndjson|landed)$/;

/** Name of a file of parked rows. @param version of the last of them. */
export function parkedName(feed: string, spoolId: string, version: number, part: string): string {
  const { segment, offset } = versionPosition(version);
  return `${feed}-${spoolId}-${segment}-${offset}${part === '' ? '' : `-${part}`}.ndjson`;
}

/** The part that takes what is left of a file of `part`. */
export function nextPart(part: string): string {
  return part === '' ? 'r1' : `${part[0]}${Number(part.slice(1)) + 1}`;
}

/** Directory of a table's parked files. */
export function parkedDirectoryOf(directory: string, tableId: string): string {
  return path.join(directory, tableId.replaceAll(/[^\w-]/g, '_'));
}

/** The parked files of a feed in a table's directory, oldest first. */
export async function listParked(directory: string, feed: string): Promise<ParkedFile[]> {
  const files: ParkedFile[] = [];
  for (const name of await namesIn(directory)) {
    const parts = NAME.exec(name)?.groups;
    if (parts?.['feed'] !== feed) continue;
    files.push({
      file: path.join(directory, name),
      spoolId: parts['spoolId']!,
      segment: Number(parts['segment']),
      offset: Number(parts['offset']),
      part: parts['part'] ?? '',
      landed: parts['ending'] === 'landed',
    });
  }
  return files.sort((a, b) => a.segment - b.segment || a.offset - b.offset);
}

/** Names in a directory; none where it is missing. */
export async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

export async function writeParked(
  file: string,
  head: Omit<ParkedHead, 'records'>,
  records: readonly LoadRecord[],
): Promise<void> {
  const whole: ParkedHead = {
    ...head,
    records: records.map(({ version, lines, count }) => [version, lines.length, count] as const),
  };
  await writeInto(path.dirname(file), path.basename(file), [
    Buffer.from(`${JSON.stringify(whole)}\n`),
    ...records.map(({ lines }) => lines),
  ]);
}

/** Writes a file durably into a directory that is made durably when missing. */
export async function writeInto(directory: string, name: string, parts: readonly Uint8Array[]): Promise<void> {
  makeDirectory(directory);
  await writeDurably(path.join(directory, name), parts);
  await syncDirectory(path.dirname(directory));
}

export async function readParked(file: string): Promise<{ head: ParkedHead; records: LoadRecord[] }> {
  const bytes = await readFile(file);
  const headEnd = bytes.indexOf(0x0a);
  const head = JSON.parse(bytes.toString('utf8', 0, headEnd)) as ParkedHead;
  let start = headEnd + 1;
  const records = head.records.map(([version, length, count]) => {
    const lines = bytes.subarray(start, start + length);
    start += length;
    return { version, lines, count };
  });
  return { head, records };
}

/**
 * Removes a parked file whose rows need no further care. Where it stands for everything up to its position, a mark
 * takes its place.
 */
export async function removeLanded({ file, part }: ParkedFile): Promise<void> {
  if (part === '') await writeDurably(file.replace(/\.ndjson$/, '.landed'), []);
  await unlink(file);
}
