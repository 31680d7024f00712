import type { CommittedBatch } from './spool.ts';
import { comparePositions, type SpoolPosition } from './spool-format.ts';

/** Records kept at most; who is further behind reads the disk. */
const MOST_RECORDS = 20_000;

/** What a spool has just made durable, still in memory, so that a reader that keeps up need not read the disk. */
export class RecentBatches {
  #batches: { readonly after: SpoolPosition; readonly to: SpoolPosition; readonly records: readonly object[] }[] = [];
  #count = 0;

  note(to: SpoolPosition, { after, records }: CommittedBatch): void {
    const whole = records.filter((record) => record !== undefined);
    // What was appended as bytes is known to the disk only.
    if (whole.length < records.length || this.#count + whole.length > MOST_RECORDS) return this.#clear();
    this.#batches.push({ after, to, records: whole });
    this.#count += whole.length;
  }

  /**
   * Takes what follows a place without a gap.
   * @param most records; a single batch may have more.
   * @returns `undefined` where what follows is not in memory.
   */
  take(position: SpoolPosition, most: number): { records: readonly object[]; to: SpoolPosition } | undefined {
    const start = this.#batches.findIndex(({ after }) => comparePositions(after, position) >= 0);
    if (start > 0) this.#drop(start);
    const first = this.#batches[0];
    if (first === undefined || start < 0 || comparePositions(first.after, position) !== 0) {
      if (start < 0) this.#clear();
      return undefined;
    }
    let end = 1;
    let count = first.records.length;
    for (; end < this.#batches.length; end++) {
      const next = this.#batches[end]!;
      const contiguous = comparePositions(next.after, this.#batches[end - 1]!.to) === 0;
      if (!contiguous || count + next.records.length > most) break;
      count += next.records.length;
    }
    const taken = this.#batches.slice(0, end);
    this.#drop(end);
    return { records: taken.flatMap(({ records }) => records), to: taken.at(-1)!.to };
  }

  #drop(batches: number): void {
    for (const { records } of this.#batches.splice(0, batches)) this.#count -= records.length;
  }

  #clear(): void {
    this.#batches = [];
    this.#count = 0;
  }
}
