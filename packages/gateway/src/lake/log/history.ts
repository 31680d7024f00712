import type { CommitSummary } from '../lake.ts';
import type { CommitReader } from './commit-reader.ts';
import type { LogEntry } from './log-entry.ts';

/** Commits that are read at the same time. */
const WINDOW = 64;

/** Who changed the table and how, newest first, as far back as commits are left. */
export async function readHistory(commits: CommitReader, newest: number, limit: number): Promise<CommitSummary[]> {
  const entries: LogEntry[] = [];
  for (let next = newest; next >= 0 && entries.length < limit;) {
    const size = Math.min(WINDOW, limit - entries.length, next + 1);
    const read = await Promise.all(Array.from({ length: size }, (_, i) => commits.read(next - i)));
    const end = read.indexOf(undefined);
    for (const stored of read.slice(0, end === -1 ? size : end)) if (stored) entries.push(stored.entry);
    if (end !== -1) break;
    next -= size;
  }
  return summaries(entries.toReversed()).toReversed();
}

/** @param entries oldest first: times rise from one to the next, whatever the writers' clocks did. */
function summaries(entries: readonly LogEntry[]): CommitSummary[] {
  let timestamp = -1;
  return entries.map(({ version, commitInfo }) => {
    timestamp = Math.max(timestamp + 1, commitInfo?.timestamp ?? 0);
    return {
      version,
      timestamp,
      operation: commitInfo?.operation ?? 'UNKNOWN',
      operationParameters: commitInfo?.operationParameters ?? {},
      operationMetrics: commitInfo?.operationMetrics ?? {},
      isBlindAppend: commitInfo?.isBlindAppend,
      engineInfo: commitInfo?.engineInfo,
      userName: commitInfo?.userName,
    };
  });
}
