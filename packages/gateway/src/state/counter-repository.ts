import type { Queryable, Row, Store } from './store.ts';

/** One key's count as stored. */
export interface CounterRow {
  readonly key: string;
  /** `rolling:<ms>` or `calendar:<id>`. */
  readonly period: string;
  /** When nothing of it is left, ms since 1970. */
  readonly expiresAt: number;
  /** JSON. */
  readonly content: string;
}

/** Rows a statement writes; few sizes, so that few statements are prepared. */
const BATCHES = [100, 10, 1];

/** Counts that have something left at `now`. */
export async function selectCounters(store: Queryable, now: number): Promise<CounterRow[]> {
  return (await store.all('SELECT * FROM counters WHERE expires_at > ?', now)).map(toCounterRow);
}

/** Writes counts over what is stored of them, all or none. */
export function upsertCounters(store: Store, rows: readonly CounterRow[]): Promise<void> {
  return store.transaction(async (tx) => {
    let next = 0;
    for (const size of BATCHES) {
      for (; rows.length - next >= size; next += size) await upsert(tx, rows.slice(next, next + size));
    }
  });
}

/** Deletes what has nothing left at `now`. */
export async function deleteExpiredCounters(store: Store, now: number): Promise<void> {
  await store.run('DELETE FROM counters WHERE expires_at <= ?', now);
}

async function upsert(tx: Queryable, rows: readonly CounterRow[]): Promise<void> {
  await tx.run(
    `INSERT INTO counters (key, period, expires_at, content) VALUES ${rows.map(() => '(?, ?, ?, ?)').join(', ')}
     ON CONFLICT (key, period) DO UPDATE SET expires_at = excluded.expires_at, content = excluded.content`,
    ...rows.flatMap(({ key, period, expiresAt, content }) => [key, period, expiresAt, content]),
  );
}

function toCounterRow(row: Row): CounterRow {
  return {
    key: String(row['key']),
    period: String(row['period']),
    expiresAt: Number(row['expires_at']),
    content: String(row['content']),
  };
}
