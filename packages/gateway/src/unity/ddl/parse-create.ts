import type { CatalogStatement, CreateTable } from './catalog-statement.ts';
import { columns, ifNotExists, properties, tableName } from './parse-parts.ts';
import type { TokenReader } from './token-reader.ts';

/** CREATE …, from after its first word. */
export function parseCreate(reader: TokenReader): CatalogStatement {
  const replace = reader.takes('OR');
  if (replace) reader.must('REPLACE');
  for (const word of ['TEMPORARY', 'TEMP', 'EXTERNAL', 'GLOBAL', 'MATERIALIZED', 'STREAMING']) {
    if (reader.sees(word)) throw reader.notOffered(`CREATE ${word}`, 'make a managed table or a view');
  }
  if (reader.takes('VIEW')) return view(reader, replace);
  if (replace) {
    if (reader.sees('TABLE'))
      throw reader.notOffered('CREATE OR REPLACE TABLE', 'drop the table first, then create it');
    throw reader.unexpected('VIEW');
  }
  if (reader.takes('TABLE')) return table(reader);
  if (reader.takes('CATALOG')) return container(reader, 'create-catalog');
  if (reader.takes('SCHEMA') || reader.takes('DATABASE')) return container(reader, 'create-schema');
  throw reader.unexpected('CATALOG, SCHEMA, TABLE or VIEW');
}

function container(reader: TokenReader, kind: 'create-catalog' | 'create-schema'): CatalogStatement {
  const quiet = ifNotExists(reader);
  const name =
    kind === 'create-catalog' ? reader.name('the name of a catalog', 1) : reader.name('the name of a schema', 2);
  const comment = reader.takes('COMMENT') ? reader.text("the comment in 'quotes'") : undefined;
  if (reader.sees('MANAGED', 'LOCATION') || reader.sees('LOCATION')) throw locationRefused(reader);
  if (reader.sees('WITH', 'DBPROPERTIES')) throw reader.notOffered('DBPROPERTIES', 'use tags');
  reader.end("COMMENT 'text' or the end of the statement");
  return { kind, name, ifNotExists: quiet, comment };
}

function view(reader: TokenReader, replace: boolean): CatalogStatement {
  const quiet = ifNotExists(reader);
  const name = reader.name('the name of a view', 3);
  if (reader.seesSymbol('(')) {
    throw reader.notOffered('A list of columns of a view', 'name the columns in its SELECT with AS');
  }
  const comment = reader.takes('COMMENT') ? reader.text("the comment in 'quotes'") : undefined;
  if (reader.sees('TBLPROPERTIES')) throw reader.notOffered('TBLPROPERTIES of a view', 'use tags');
  if (reader.sees('WITH')) throw reader.notOffered('WITH before AS', 'leave it out');
  reader.must('AS');
  return { kind: 'create-view', name, ifNotExists: quiet, replace, comment, text: restAsQuery(reader) };
}

/** The SELECT up to the end, as written, without a `;` and what follows it. */
function restAsQuery(reader: TokenReader): string {
  const first = reader.peek();
  const begins = ['SELECT', 'WITH', 'FROM', 'VALUES', 'TABLE'].includes(first.keyword) || reader.seesSymbol('(');
  if (!begins) throw reader.unexpected('a query that begins with SELECT or WITH');
  let end = first.end;
  while (reader.peek().kind !== 'end' && !reader.seesSymbol(';')) end = reader.next().end;
  reader.end();
  return reader.sql.slice(first.start, end);
}

function table(reader: TokenReader): CatalogStatement {
  const quiet = ifNotExists(reader);
  const name = tableName(reader);
  if (reader.sees('AS')) throw createAsRefused(reader);
  for (const word of ['LIKE', 'CLONE', 'SHALLOW', 'DEEP']) {
    if (reader.sees(word)) throw reader.notOffered(`CREATE TABLE … ${word}`, 'write the columns out');
  }
  if (!reader.seesSymbol('(')) throw reader.unexpected("'(' and the columns of the table");
  const schema = columns(reader);
  return { kind: 'create-table', name, ifNotExists: quiet, schema, ...clauses(reader, schema) };
}

type Clauses = Pick<CreateTable, 'partitionColumns' | 'properties' | 'comment'>;

/** What follows the columns: clauses in any order, each once. */
function clauses(reader: TokenReader, schema: CreateTable['schema']): Clauses {
  let given: { partitionColumns?: string[]; properties?: Record<string, string>; comment?: string } = {};
  const seen = new Set<string>();
  const readers: Readonly<Record<string, () => void>> = {
    USING: () => usingDelta(reader),
    PARTITIONED: () => {
      reader.must('BY');
      given = { ...given, partitionColumns: reader.list(() => reader.identifier('the name of a column'), 'columns') };
    },
    CLUSTER: () => clusterBy(reader, schema),
    COMMENT: () => {
      given = { ...given, comment: reader.text("the comment in 'quotes'") };
    },
    TBLPROPERTIES: () => {
      given = { ...given, properties: properties(reader) };
    },
  };
  for (;;) {
    refuseClauses(reader);
    const { keyword } = reader.peek();
    const read = Object.hasOwn(readers, keyword) ? readers[keyword] : undefined;
    if (!read) break;
    if (seen.has(keyword)) throw reader.unexpected(`${keyword} only once`);
    seen.add(keyword);
    reader.next();
    read();
  }
  reader.end('USING DELTA, PARTITIONED BY, CLUSTER BY, COMMENT, TBLPROPERTIES or the end of the statement');
  return {
    partitionColumns: given.partitionColumns ?? [],
    properties: given.properties ?? {},
    comment: given.comment,
  };
}

function usingDelta(reader: TokenReader): void {
  if (reader.takes('DELTA')) return;
  if (reader.peek().kind === 'word')
    throw reader.notOffered('Another format than DELTA', 'say USING DELTA or leave it out');
  throw reader.unexpected('DELTA');
}

/** Accepted for the sake of statements made elsewhere; files are laid out as they are without it. */
function clusterBy(reader: TokenReader, schema: CreateTable['schema']): void {
  reader.must('BY');
  if (reader.takes('AUTO') || reader.takes('NONE')) return;
  const known = new Set(schema.fields.map((field) => field.name.toLowerCase()));
  reader.list(() => {
    if (!known.has(reader.peek().value.toLowerCase())) throw reader.unexpected('the name of a column of the table');
    reader.name('the name of a column', 16);
  }, 'columns');
}

function refuseClauses(reader: TokenReader): void {
  if (reader.sees('LOCATION')) throw locationRefused(reader);
  if (reader.sees('AS')) throw createAsRefused(reader);
  if (reader.sees('OPTIONS')) throw reader.notOffered('OPTIONS', 'use TBLPROPERTIES');
  if (reader.sees('CLUSTERED')) throw reader.notOffered('Buckets', 'leave CLUSTERED BY out');
  if (reader.sees('WITH')) throw reader.notOffered('A row filter', 'grant a view that filters the rows');
}

function locationRefused(reader: TokenReader) {
  return reader.notOffered('LOCATION', 'tables are managed, the gateway chooses where their files are');
}

function createAsRefused(reader: TokenReader) {
  return reader.notOffered('CREATE TABLE … AS', 'create the table with its columns, or make a view');
}
