import type { Queryable } from './store.ts';

/** Remembers that the table at `location` was dropped: its files are to be removed, and the place is not used again. */
export async function insertRemovedLocation(db: Queryable, location: string, droppedAt: number): Promise<void> {
  await db.run(
    'INSERT INTO unity_removed_locations (location, dropped_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
    location,
    droppedAt,
  );
}

/** Marks the files at `location` as removed. */
export async function markLocationRemoved(db: Queryable, location: string, at: number): Promise<void> {
  await db.run('UPDATE unity_removed_locations SET removed_at = ? WHERE location = ?', at, location);
}

/** Places of dropped tables whose files are still to be removed. */
export async function selectLocationsToRemove(db: Queryable): Promise<string[]> {
  const rows = await db.all(
    'SELECT location FROM unity_removed_locations WHERE removed_at IS NULL ORDER BY dropped_at, location',
  );
  return rows.map((row) => row['location'] as string);
}

/** Whether a table was at this place once. */
export async function isRemovedLocation(db: Queryable, location: string): Promise<boolean> {
  return (await db.get('SELECT 1 AS found FROM unity_removed_locations WHERE location = ?', location)) !== undefined;
}
