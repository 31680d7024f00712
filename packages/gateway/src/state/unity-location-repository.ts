import type { Store } from './store.ts';

/** Remembers that the table at `location` was dropped: its files are to be removed, and the place is not used again. */
export function insertRemovedLocation(store: Store, location: string, droppedAt: number): void {
  store
    .prepare('INSERT INTO unity_removed_locations (location, dropped_at) VALUES (?, ?) ON CONFLICT DO NOTHING')
    .run(location, droppedAt);
}

/** Marks the files at `location` as removed. */
export function markLocationRemoved(store: Store, location: string, at: number): void {
  store.prepare('UPDATE unity_removed_locations SET removed_at = ? WHERE location = ?').run(at, location);
}

/** Places of dropped tables whose files are still to be removed. */
export function selectLocationsToRemove(store: Store): string[] {
  return store
    .prepare('SELECT location FROM unity_removed_locations WHERE removed_at IS NULL ORDER BY dropped_at')
    .all()
    .map((row) => row['location'] as string);
}

/** Whether a table was at this place once. */
export function isRemovedLocation(store: Store, location: string): boolean {
  return store.prepare('SELECT 1 FROM unity_removed_locations WHERE location = ?').get(location) !== undefined;
}
