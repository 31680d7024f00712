import type { CatalogStatement } from './catalog-statement.ts';
import { tableName } from './parse-parts.ts';
import type { TokenReader } from './token-reader.ts';

/** DESCRIBE …, from after its first word. */
export function parseDescribe(reader: TokenReader): CatalogStatement {
  const statement = what(reader);
  reader.end();
  return statement;
}

function what(reader: TokenReader): CatalogStatement {
  const none = { extended: false, limit: undefined };
  if (takesBeforeName(reader, 'HISTORY')) {
    const name = tableName(reader);
    return {
      kind: 'describe-history',
      name,
      extended: false,
      limit: reader.takes('LIMIT') ? limit(reader) : undefined,
    };
  }
  if (takesBeforeName(reader, 'DETAIL')) return { kind: 'describe-detail', name: tableName(reader), ...none };
  if (takesBeforeName(reader, 'CATALOG')) {
    const extended = takesBeforeName(reader, 'EXTENDED');
    return { kind: 'describe-catalog', name: reader.name('the name of a catalog', 1), extended, limit: undefined };
  }
  if (takesBeforeName(reader, 'SCHEMA') || takesBeforeName(reader, 'DATABASE')) {
    const extended = takesBeforeName(reader, 'EXTENDED');
    return { kind: 'describe-schema', name: reader.name('the name of a schema', 2), extended, limit: undefined };
  }
  if (takesBeforeName(reader, 'QUERY') || takesBeforeName(reader, 'FUNCTION')) {
    throw reader.notOffered('DESCRIBE QUERY and DESCRIBE FUNCTION', 'run the query with LIMIT 0 to see its columns');
  }
  takesBeforeName(reader, 'TABLE');
  const extended = takesBeforeName(reader, 'EXTENDED') || takesBeforeName(reader, 'FORMATTED');
  const name = tableName(reader);
  if (reader.sees('AS', 'JSON')) throw reader.notOffered('AS JSON', 'leave it out');
  return { kind: 'describe-table', name, extended, limit: undefined };
}

/** Takes a keyword where a name follows it; else it is itself the name of a table. */
function takesBeforeName(reader: TokenReader, keyword: string): boolean {
  const { kind } = reader.peek(1);
  return (kind === 'word' || kind === 'quoted' || kind === 'text') && reader.takes(keyword);
}

function limit(reader: TokenReader): number {
  const { kind, value } = reader.peek();
  if (kind !== 'number' || !/^\d{1,9}$/.test(value)) throw reader.unexpected('a whole number');
  reader.next();
  return Number(value);
}
