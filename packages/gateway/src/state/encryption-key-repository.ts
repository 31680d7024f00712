import type { Queryable } from './store.ts';

/** Ids of the keys that secrets of this store were sealed with. */
export async function selectKeyIds(db: Queryable): Promise<string[]> {
  const rows = await db.all('SELECT id FROM encryption_keys ORDER BY first_used_at, id');
  return rows.map((row) => row['id'] as string);
}

/** Remembers that a key seals from now on. */
export async function insertKeyId(db: Queryable, id: string, at: number): Promise<void> {
  await db.run('INSERT INTO encryption_keys (id, first_used_at) VALUES (?, ?) ON CONFLICT DO NOTHING', id, at);
}

/** Forgets a key that has nothing sealed any more. */
export async function deleteKeyId(db: Queryable, id: string): Promise<void> {
  await db.run('DELETE FROM encryption_keys WHERE id = ?', id);
}
