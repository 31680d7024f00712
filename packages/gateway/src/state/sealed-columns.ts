import { isSealed, keyIdOf, SealError, type SealedBox } from '../lib/sealed-box.ts';
import type { Queryable, SqlParameter, Store } from './store.ts';

/** A column whose values are sealed, or are JSON with `{"sealed": …}` somewhere in it. */
export interface SealedColumn {
  readonly table: string;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  readonly column: string;
  /** What the values of a row are bound to. @param key the row's values of `key`. */
  context(key: readonly string[]): string;
}

/** The context that the secrets of a service are sealed with. */
export function serviceContext(kind: string, name: string): string {
  return `${kind} ${name}`;
}

/** Every column with secrets: a new one is a line here, so that `secrets rotate` finds it. */
export const sealedColumns: readonly SealedColumn[] = [
  {
    table: 'unity_services',
    key: ['kind', 'catalog', 'schema', 'name'],
    column: 'config',
    context: ([kind = '', ...name]) => serviceContext(kind, name.join('.')),
  },
  { table: 'oauth_keys', key: ['id'], column: 'sealed', context: () => 'oauth-key' },
];

const IN_JSON = /"sealed":"(sealed1\.[0-9a-f]{16}\.[\w-]+)"/g;

/** Ids of the keys that the values of a column were sealed with. */
export async function keyIdsIn(store: Queryable, { table, column }: SealedColumn): Promise<ReadonlySet<string>> {
  const rows = await store.all(`SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL`);
  return new Set(rows.flatMap((row) => sealedIn(String(row[column])).map(keyIdOf)));
}

/**
 * Seals what another key sealed with the current one: row by row, each in a transaction of its own, so that it may be
 * stopped and begun again at any moment. A row that cannot be opened stays as it is.
 */
export async function resealColumn(
  store: Store,
  sealed: SealedColumn,
  boxOf: (context: string) => SealedBox,
): Promise<{ readonly changed: number; readonly unreadable: number }> {
  const { table, key, column } = sealed;
  const where = key.map((part) => `${part} = ?`).join(' AND ');
  const names = await store.all(`SELECT ${key.join(', ')} FROM ${table} ORDER BY ${key.join(', ')}`);
  let changed = 0;
  let unreadable = 0;
  for (const row of names) {
    const values = key.map((part) => row[part] as SqlParameter);
    const box = boxOf(sealed.context(values.map(String)));
    const resealed = store.transaction(async (tx) => {
      const found = (await tx.get(`SELECT ${column} FROM ${table} WHERE ${where}`, ...values))?.[column];
      if (typeof found !== 'string' || sealedIn(found).every((text) => box.isCurrent(text))) return false;
      const anew = isSealed(found)
        ? box.seal(box.open(found))
        : found.replace(IN_JSON, (_all, text: string) => `"sealed":"${box.seal(box.open(text))}"`);
      await tx.run(`UPDATE ${table} SET ${column} = ? WHERE ${where}`, anew, ...values);
      return true;
    });
    try {
      if (await resealed) changed += 1;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      unreadable += 1;
    }
  }
  return { changed, unreadable };
}

function sealedIn(text: string): string[] {
  return isSealed(text) ? [text] : [...text.matchAll(IN_JSON)].map((match) => match[1] ?? '');
}
