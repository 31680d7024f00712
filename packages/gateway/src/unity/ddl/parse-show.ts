import type { CatalogStatement, ShowList } from './catalog-statement.ts';
import { parseOn } from './parse-grant.ts';
import { principal, propertyKey, tableName } from './parse-parts.ts';
import type { TokenReader } from './token-reader.ts';

/** SHOW …, from after its first word. */
export function parseShow(reader: TokenReader): CatalogStatement {
  const statement = what(reader);
  reader.end();
  return statement;
}

function what(reader: TokenReader): CatalogStatement {
  if (reader.takes('CATALOGS')) return list(reader, 'show-catalogs', 0);
  if (reader.takes('SCHEMAS') || reader.takes('DATABASES')) return list(reader, 'show-schemas', 1);
  if (reader.takes('TABLES')) return list(reader, 'show-tables', 2);
  if (reader.takes('VIEWS')) return list(reader, 'show-views', 2);
  if (reader.takes('COLUMNS')) return showColumns(reader);
  if (reader.takes('GRANTS') || reader.takes('GRANT')) return showGrants(reader);
  if (reader.takes('TBLPROPERTIES')) return showProperties(reader);
  if (reader.takes('CREATE')) {
    reader.must('TABLE');
    return { kind: 'show-create-table', name: tableName(reader), key: undefined };
  }
  throw reader.unexpected('CATALOGS, SCHEMAS, TABLES, VIEWS, COLUMNS, GRANTS, TBLPROPERTIES or CREATE TABLE');
}

function list(reader: TokenReader, kind: ShowList['kind'], parts: number): ShowList {
  const given = parts > 0 && (reader.takes('IN') || reader.takes('FROM'));
  const what = parts === 1 ? 'the name of a catalog' : 'the name of a schema';
  const within = given ? reader.name(what, parts) : undefined;
  const like = reader.takes('LIKE');
  const pattern = like || reader.peek().kind === 'text' ? reader.text("a pattern in 'quotes'") : undefined;
  return { kind, within, pattern };
}

function showColumns(reader: TokenReader): CatalogStatement {
  if (!reader.takes('IN') && !reader.takes('FROM')) throw reader.unexpected('IN and the name of a table');
  const name = tableName(reader);
  const within = reader.takes('IN') || reader.takes('FROM') ? reader.name('the name of a schema', 2) : [];
  if (within.length > 0 && name.length > 1) throw reader.unexpected('the schema once, here or before the table');
  return { kind: 'show-columns', name: [...within, ...name], key: undefined };
}

function showGrants(reader: TokenReader): CatalogStatement {
  const who = reader.sees('ON') ? undefined : principal(reader);
  return { kind: 'show-grants', principal: who, securable: parseOn(reader) };
}

function showProperties(reader: TokenReader): CatalogStatement {
  const name = tableName(reader);
  if (!reader.takesSymbol('(')) return { kind: 'show-tblproperties', name, key: undefined };
  const key = propertyKey(reader);
  reader.mustSymbol(')');
  return { kind: 'show-tblproperties', name, key };
}
