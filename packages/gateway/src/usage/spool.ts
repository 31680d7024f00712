import { readdir, rm, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectory } from '../lib/make-directory.ts';
import { syncDirectory } from '../lib/sync-directory.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import {
  encodePayload,
  encodeRecord,
  SEGMENT_HEADER,
  segmentFileName,
  segmentNumbers,
  type SpoolPosition,
} from './spool-format.ts';
import { ensureSpoolId } from './spool-id.ts';
import { lockSpool, type SpoolLock } from './spool-lock.ts';
import { abandonSegment, appendDurably, createSegment, reopenSegment, type WritableSegment } from './spool-segment.ts';

export type { SpoolPosition } from './spool-format.ts';
export { readSpool, readSpoolBytes, type SpooledBytes, type SpooledRecord } from './spool-reader.ts';

const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
/** Written together at most; more waits for the next round. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Records that may wait for the disk, in bytes. A longer one may wait alone. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** How often a disk that failed is tried again, and with how many bytes at least. */
const PROBE_INTERVAL_MS = 1_000;
const PROBE_BYTES = 64 * 1024;

export interface SpoolOptions {
  /** Where the segments are; made if missing. */
  readonly directory: string;
  /** Bytes all segments together may take. */
  readonly maxBytes: number;
  /** Bytes after which a new segment begins. Default 64 MiB, at most an eighth of `maxBytes`. */
  readonly segmentBytes?: number | undefined;
}

/** What one flush has made durable. */
export interface CommittedBatch {
  /** Where everything was committed before it; a segment may have ended there. */
  readonly after: SpoolPosition;
  /** In order; `undefined` where bytes were appended. Not to be changed. */
  readonly records: readonly (object | undefined)[];
}

interface Waiting {
  /** What `append` was given. */
  readonly record: object | undefined;
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The durable log between requests and tables. A record counts once `append` has resolved: it survives
 * `kill -9` and power loss from then on. All records that wait for the disk are written and flushed
 * together. One writer per directory; any number of readers (`readSpool`).
 */
export class Spool {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #lock: SpoolLock;
  readonly #queue: Waiting[] = [];
  #queuedBytes = 0;
  #segment: WritableSegment;
  /** Bytes of the segments before the current one. */
  #olderBytes: number;
  /** After a failed write: the current segment is closed, and the next one is still to be made. */
  #failed = false;
  #writing: Promise<void> | undefined;
  /** Bytes that the disk has to take before it is trusted again: at least what it did not take. */
  #probeBytes = PROBE_BYTES;
  #probeTimer: NodeJS.Timeout | undefined;
  #probing: Promise<void> | undefined;
  #acknowledging: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #listeners: ((position: SpoolPosition, batch: CommittedBatch) => void)[] = [];

  /** Names this spool for ever: a UUID. Another directory has another one. */
  readonly spoolId: string;
  /** Bytes of a torn tail that were cut off at opening. */
  readonly cutBytes: number;

  private constructor(
    options: SpoolOptions,
    lock: SpoolLock,
    opened: { segment: WritableSegment; olderBytes: number; cutBytes: number; spoolId: string },
  ) {
    this.#directory = options.directory;
    this.#maxBytes = options.maxBytes;
    this.#segmentBytes = segmentBytesOf(options);
    this.#lock = lock;
    this.#segment = opened.segment;
    this.#olderBytes = opened.olderBytes;
    this.cutBytes = opened.cutBytes;
    this.spoolId = opened.spoolId;
  }

  /**
   * Opens the spool for writing and cuts off the torn tail that a crash may have left.
   * @throws Error when another process writes it.
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    const { directory } = options;
    makeDirectory(directory);
    const lock = lockSpool(directory);
    try {
      await rm(path.join(directory, 'probe'), { force: true });
      const spoolId = await ensureSpoolId(directory);
      const numbers = segmentNumbers(await readdir(directory));
      const last = numbers.pop();
      let olderBytes = 0;
      for (const number of numbers) olderBytes += (await stat(path.join(directory, segmentFileName(number)))).size;
      const { segment, cutBytes } =
        last === undefined
          ? { segment: await createSegment(directory, 1), cutBytes: 0 }
          : await reopenSegment(directory, last);
      return new Spool(options, lock, { segment, olderBytes, cutBytes, spoolId });
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Bytes on disk. */
  get size(): number {
    return this.#olderBytes + this.#segment.committed;
  }

  /**
   * Whether no further request should be served: the disk fails, or little room is left. The rest of
   * the room is kept for the records of requests under way.
   */
  get full(): boolean {
    const reserve = Math.min(1024 * 1024, this.#maxBytes / 16);
    return this.#failed || this.size + this.#queuedBytes > this.#maxBytes - reserve;
  }

  /** Whether the disk failed at the last write; a probe a second finds out when it works again. */
  get failing(): boolean {
    return this.#failed;
  }

  /** Everything before it is durable: it may be read and loaded elsewhere. */
  get committed(): SpoolPosition {
    return { segment: this.#segment.number, offset: this.#segment.committed };
  }

  /**
   * Calls `listener` with `committed`, and with what has moved it, before the appends concerned resolve. It must not
   * throw.
   */
  onCommit(listener: (position: SpoolPosition, batch: CommittedBatch) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Appends one record as a line of JSON; resolves once it is on disk. Records keep the order of the calls.
   * @throws GatewayError `gateway_spool_full` when there is no room or the disk fails; the record is then not kept.
   */
  async append(record: object): Promise<void> {
    this.#refuseUnlessOpen();
    return this.#enqueue([encodeRecord(record)], record);
  }

  /** As `append`, for a record of bytes, given in parts, which must not change any more. */
  async appendBytes(parts: readonly Uint8Array[]): Promise<void> {
    this.#refuseUnlessOpen();
    return this.#enqueue(encodePayload(parts));
  }

  #refuseUnlessOpen(): void {
    if (this.#closed) throw spoolFull('The spool is closed.');
    if (this.#failed) throw spoolFull('The spool cannot be written.');
  }

  #refuseUnlessRoom(bytes: number): void {
    if (this.#queuedBytes + bytes > this.#maxBytes - this.size) throw spoolFull('The spool is full.');
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > MAX_QUEUED_BYTES) {
      throw spoolFull('The disk of the spool does not keep up.');
    }
  }

  #enqueue(parts: readonly Uint8Array[], record?: object): Promise<void> {
    const bytes = byteLength(parts);
    this.#refuseUnlessRoom(bytes);
    return new Promise((resolve, reject) => {
      this.#queue.push({ parts, bytes, record, resolve, reject });
      this.#queuedBytes += bytes;
      this.#writing ??= this.#writeQueue();
    });
  }

  /**
   * Says that everything before `position` is safe elsewhere. Deletes the segments that lie wholly before
   * it, but never the current one. One call waits for the other.
   */
  acknowledge(position: SpoolPosition): Promise<void> {
    const acknowledged = this.#acknowledging.then(() => this.#deleteBefore(position));
    this.#acknowledging = acknowledged.catch(() => {});
    return acknowledged;
  }

  async #deleteBefore(position: SpoolPosition): Promise<void> {
    const numbers = segmentNumbers(await readdir(this.#directory));
    let deleted = 0;
    for (const number of numbers) {
      if (number >= position.segment || number >= this.#segment.number) break;
      const file = path.join(this.#directory, segmentFileName(number));
      const { size } = await stat(file);
      await unlink(file);
      this.#olderBytes -= size;
      deleted += 1;
    }
    if (deleted > 0) await syncDirectory(this.#directory);
  }

  /** Writes what is queued, then closes. Later appends are refused. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#probeTimer);
    await this.#writing;
    await this.#probing;
    await this.#acknowledging;
    if (!this.#failed) await this.#segment.file.close();
    this.#lock.release();
  }

  /** Writes batch after batch until nothing waits. Never rejects. */
  async #writeQueue(): Promise<void> {
    // One turn later, so that what is appended in this one shares the flush.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      const bytes = batch.reduce((sum, waiting) => sum + waiting.bytes, 0);
      const after = this.committed;
      try {
        await this.#rollIfFull(bytes);
        await appendDurably(
          this.#segment,
          batch.flatMap((waiting) => waiting.parts),
        );
        const committed = { after, records: batch.map(({ record }) => record) };
        for (const listener of this.#listeners) listener(this.committed, committed);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        await this.#fail(error, batch);
        break;
      }
      this.#queuedBytes -= bytes;
    }
    this.#writing = undefined;
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    do bytes += this.#queue[count++]!.bytes;
    while (count < this.#queue.length && bytes + this.#queue[count]!.bytes <= MAX_BATCH_BYTES);
    return this.#queue.splice(0, count);
  }

  async #rollIfFull(nextBytes: number): Promise<void> {
    const { committed, file } = this.#segment;
    if (committed === SEGMENT_HEADER.length || committed + nextBytes <= this.#segmentBytes) return;
    const next = await createSegment(this.#directory, this.#segment.number + 1);
    this.#olderBytes += committed;
    this.#segment = next;
    await file.close();
  }

  /**
   * After a failed write or flush nothing is known of the pages in memory, so the segment is given up and
   * a new one begun once the disk takes bytes again.
   */
  async #fail(cause: unknown, batch: readonly Waiting[]): Promise<void> {
    this.#failed = true;
    const refused = [...batch, ...this.#queue.splice(0)];
    this.#queuedBytes = 0;
    await abandonSegment(this.#segment);
    for (const { reject } of refused) reject(spoolFull('The spool cannot be written.', cause));
    const bytes = batch.reduce((sum, waiting) => sum + waiting.bytes, 0);
    this.#probeBytes = Math.min(MAX_BATCH_BYTES, Math.max(PROBE_BYTES, bytes));
    this.#scheduleProbe();
  }

  #scheduleProbe(): void {
    if (this.#closed) return;
    this.#probeTimer = setTimeout(() => {
      this.#probing = this.#probe();
    }, PROBE_INTERVAL_MS).unref();
  }

  /** Tries whether the disk takes bytes again; then goes on with a new segment. */
  async #probe(): Promise<void> {
    const file = path.join(this.#directory, 'probe');
    try {
      await writeFile(file, Buffer.alloc(this.#probeBytes), { flush: true, mode: 0o600 });
      await unlink(file);
      const next = await createSegment(this.#directory, this.#segment.number + 1);
      this.#olderBytes += this.#segment.committed;
      this.#segment = next;
      this.#failed = false;
    } catch {
      await rm(file, { force: true }).catch(() => {});
      this.#scheduleProbe();
    }
  }
}

function segmentBytesOf({ segmentBytes = DEFAULT_SEGMENT_BYTES, maxBytes }: SpoolOptions): number {
  return Math.max(4096, Math.min(segmentBytes, Math.floor(maxBytes / 8)));
}

function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function spoolFull(message: string, cause?: unknown): GatewayError {
  return new GatewayError('gateway_spool_full', message, { retryAfterSeconds: 5, cause });
}
