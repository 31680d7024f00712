import type { AddFile } from '../log/actions.ts';

/** Files smaller than this are put together. */
export const SMALL_FILE_BYTES = 32 * 1024 * 1024;
/** What files are put together to, about. */
export const TARGET_FILE_BYTES = 128 * 1024 * 1024;
/** Read at the same time at most: each has its buffers. */
const MOST_FILES = 500;

export function isSmall(file: AddFile): boolean {
  return file.size < SMALL_FILE_BYTES;
}

/** `all` small files, or only where the work is `worthwhile`: rows are then written a few times, not with every round. */
export type CompactionEffort = 'all' | 'worthwhile';

/**
 * Groups of at least two small files of one partition that become one file each, in the order the files have. Files of
 * other sizes, and single ones, stay as they are.
 */
export function compactionBins(files: readonly AddFile[], effort: CompactionEffort): AddFile[][] {
  const bins: AddFile[][] = [];
  for (const partition of Map.groupBy(files.filter(isSmall), partitionKey).values()) {
    let bin: AddFile[] = [];
    let bytes = 0;
    for (const file of partition) {
      if (bin.length === MOST_FILES || (bin.length > 0 && bytes + file.size > TARGET_FILE_BYTES)) {
        bins.push(bin);
        bin = [];
        bytes = 0;
      }
      bin.push(file);
      bytes += file.size;
    }
    bins.push(bin);
  }
  const chosen = effort === 'all' ? bins : bins.map(withoutLarge);
  return chosen.filter((bin) => bin.length > 1);
}

/** Leaves out the largest file while it outweighs all the others: so the size of what a row is rewritten into doubles. */
function withoutLarge(bin: readonly AddFile[]): AddFile[] {
  const bySize = bin.toSorted((a, b) => a.size - b.size);
  let total = bin.reduce((sum, file) => sum + file.size, 0);
  for (let last = bySize.at(-1); last && last.size * 2 > total; last = bySize.at(-1)) {
    total -= last.size;
    bySize.pop();
  }
  const kept = new Set(bySize);
  return bin.filter((file) => kept.has(file));
}

function partitionKey(file: AddFile): string {
  return JSON.stringify(Object.entries(file.partitionValues).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
