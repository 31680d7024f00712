import type { CatalogStatement } from './catalog-statement.ts';
import { parseAlter, parseComment } from './parse-alter.ts';
import { parseCreate } from './parse-create.ts';
import { parseDescribe } from './parse-describe.ts';
import { parseGrant } from './parse-grant.ts';
import { parseDrop, parseOptimize, parseUse, parseVacuum } from './parse-others.ts';
import { parseShow } from './parse-show.ts';
import { TokenReader } from './token-reader.ts';
import { tokenAt } from './tokenize.ts';

const queries: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'FROM', 'VALUES', 'TABLE']);

const parsers: Readonly<Record<string, (reader: TokenReader) => CatalogStatement>> = {
  ALTER: parseAlter,
  COMMENT: parseComment,
  CREATE: parseCreate,
  DESC: parseDescribe,
  DESCRIBE: parseDescribe,
  DROP: parseDrop,
  GRANT: (reader) => parseGrant(reader, 'grant'),
  OPTIMIZE: parseOptimize,
  REVOKE: (reader) => parseGrant(reader, 'revoke'),
  SHOW: parseShow,
  USE: parseUse,
  VACUUM: parseVacuum,
};

const writes = 'rows come from usage, payloads and telemetry, or from other engines that open the table';
const session = 'statements share no session';
const notNeeded = 'it is not needed here';

/** Statements of Databricks SQL that are not offered, and why. */
const refused: Readonly<Record<string, string>> = {
  INSERT: writes,
  UPDATE: writes,
  DELETE: writes,
  MERGE: writes,
  TRUNCATE: writes,
  COPY: writes,
  LOAD: writes,
  RESTORE: writes,
  SET: session,
  RESET: session,
  DECLARE: session,
  BEGIN: session,
  CACHE: notNeeded,
  UNCACHE: notNeeded,
  REFRESH: notNeeded,
  ANALYZE: notNeeded,
  MSCK: notNeeded,
  REORG: notNeeded,
  CALL: 'there are no procedures',
  EXECUTE: 'there are no procedures',
  EXPLAIN: 'run the query itself',
  UNDROP: 'dropped tables are gone',
  DENY: 'revoke what was granted',
};

/**
 * Reads a statement about the catalog. Takes time linear in its length.
 * @returns `undefined` where its first word says that it is a query, which the SQL engine reads.
 * @throws GatewayError `caller_sql_syntax` (`[PARSE_SYNTAX_ERROR]`, with line, column and what was expected),
 *   `caller_sql_refused` for what Databricks SQL has and the gateway does not. Nothing is accepted in part.
 */
export function parseStatement(sql: string): CatalogStatement | undefined {
  const first = tokenAt(sql, 0);
  if (queries.has(first.keyword) || (first.kind === 'symbol' && first.value === '(')) return undefined;
  const reader = new TokenReader(sql);
  const parser = Object.hasOwn(parsers, first.keyword) ? parsers[first.keyword] : undefined;
  if (parser) {
    reader.next();
    return parser(reader);
  }
  if (Object.hasOwn(refused, first.keyword)) throw reader.notOffered(first.keyword, refused[first.keyword]!);
  throw reader.unexpected(`a statement: SELECT, ${Object.keys(parsers).join(', ')}`);
}
