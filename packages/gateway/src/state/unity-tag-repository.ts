import type { Store } from './store.ts';

/** A tag of a catalog, schema or table. `name` is the parts, joined by dots. */
export interface TagRow {
  /** CATALOG, SCHEMA or TABLE. */
  readonly kind: string;
  readonly name: string;
  readonly tag: string;
  /** Empty for a tag without a value. */
  readonly value: string;
}

export function selectTags(store: Store): TagRow[] {
  return store
    .prepare('SELECT * FROM unity_tags ORDER BY kind, name, tag')
    .all()
    .map((row) => ({
      kind: row['kind'] as string,
      name: row['name'] as string,
      tag: row['tag'] as string,
      value: row['value'] as string,
    }));
}

/** Sets a tag, over an older value. */
export function putTag(store: Store, row: TagRow): void {
  store
    .prepare(
      `INSERT INTO unity_tags (kind, name, tag, value) VALUES (?, ?, ?, ?)
       ON CONFLICT (kind, name, tag) DO UPDATE SET value = excluded.value`,
    )
    .run(row.kind, row.name, row.tag, row.value);
}

/** Takes a tag away. False where it was not there. */
export function deleteTag(store: Store, row: Omit<TagRow, 'value'>): boolean {
  const { changes } = store
    .prepare('DELETE FROM unity_tags WHERE kind = ? AND name = ? AND tag = ?')
    .run(row.kind, row.name, row.tag);
  return changes > 0;
}

/** Takes all tags of an object away. */
export function deleteTagsOf(store: Store, kind: string, name: string): void {
  store.prepare('DELETE FROM unity_tags WHERE kind = ? AND name = ?').run(kind, name);
}
