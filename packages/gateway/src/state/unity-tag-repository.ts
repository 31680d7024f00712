import type { Queryable } from './store.ts';

/** A tag of a catalog, schema or table. `name` is the parts, joined by dots. */
export interface TagRow {
  /** CATALOG, SCHEMA or TABLE. */
  readonly kind: string;
  readonly name: string;
  readonly tag: string;
  /** Empty for a tag without a value. */
  readonly value: string;
}

export async function selectTags(db: Queryable): Promise<TagRow[]> {
  const rows = await db.all('SELECT * FROM unity_tags ORDER BY kind, name, tag');
  return rows.map((row) => ({
    kind: row['kind'] as string,
    name: row['name'] as string,
    tag: row['tag'] as string,
    value: row['value'] as string,
  }));
}

/** Sets a tag, over an older value. */
export async function putTag(db: Queryable, row: TagRow): Promise<void> {
  await db.run(
    `INSERT INTO unity_tags (kind, name, tag, value) VALUES (?, ?, ?, ?)
     ON CONFLICT (kind, name, tag) DO UPDATE SET value = excluded.value`,
    row.kind,
    row.name,
    row.tag,
    row.value,
  );
}

/** Takes a tag away. False where it was not there. */
export async function deleteTag(db: Queryable, { kind, name, tag }: Omit<TagRow, 'value'>): Promise<boolean> {
  return (await db.run('DELETE FROM unity_tags WHERE kind = ? AND name = ? AND tag = ?', kind, name, tag)) > 0;
}

/** Takes all tags of an object away. */
export async function deleteTagsOf(db: Queryable, kind: string, name: string): Promise<void> {
  await db.run('DELETE FROM unity_tags WHERE kind = ? AND name = ?', kind, name);
}
