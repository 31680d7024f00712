import type { CatalogStatement } from './catalog-statement.ts';
import { ifExists, securableKind, securableName, tableName } from './parse-parts.ts';
import type { TokenReader } from './token-reader.ts';

/** DROP …, from after its first word. */
export function parseDrop(reader: TokenReader): CatalogStatement {
  const isView = reader.sees('VIEW');
  const kind = securableKind(reader);
  if (kind === undefined) throw reader.unexpected('CATALOG, SCHEMA, TABLE or VIEW');
  const quiet = ifExists(reader);
  const name = securableName(reader, kind);
  const cascade = kind !== 'TABLE' && reader.takes('CASCADE');
  if (kind !== 'TABLE' && !cascade) reader.takes('RESTRICT');
  reader.end(kind === 'TABLE' ? undefined : 'CASCADE or the end of the statement');
  const expect = kind === 'TABLE' ? (isView ? 'view' : 'table') : undefined;
  return { kind: 'drop', securable: { kind, name }, expect, ifExists: quiet, cascade };
}

/** OPTIMIZE …, from after its first word. */
export function parseOptimize(reader: TokenReader): CatalogStatement {
  const name = tableName(reader);
  if (reader.sees('ZORDER'))
    throw reader.notOffered('ZORDER', 'OPTIMIZE without it makes few large files of many small ones');
  if (reader.sees('WHERE')) throw reader.notOffered('OPTIMIZE … WHERE', 'leave it out, the whole table is looked at');
  reader.takes('FULL');
  reader.end();
  return { kind: 'optimize', name };
}

/** VACUUM …, from after its first word. */
export function parseVacuum(reader: TokenReader): CatalogStatement {
  const name = tableName(reader);
  if (reader.sees('LITE')) throw reader.notOffered('VACUUM … LITE', 'leave it out');
  reader.takes('FULL');
  const retentionHours = reader.takes('RETAIN') ? hours(reader) : undefined;
  const dryRun = reader.takes('DRY');
  if (dryRun) reader.must('RUN');
  reader.end('RETAIN n HOURS, DRY RUN or the end of the statement');
  return { kind: 'vacuum', name, retentionHours, dryRun };
}

/** USE …, from after its first word. */
export function parseUse(reader: TokenReader): CatalogStatement {
  const named = reader.peek(1).kind === 'word' || reader.peek(1).kind === 'quoted';
  const kind = (named ? securableKind(reader) : undefined) ?? 'SCHEMA';
  if (kind === 'TABLE') throw reader.unexpected('a catalog or a schema, not a table');
  const name = securableName(reader, kind);
  reader.end();
  return { kind: 'use', securable: { kind, name } };
}

function hours(reader: TokenReader): number {
  const { kind, value } = reader.peek();
  if (kind !== 'number' || !/^\d{1,7}(?:\.\d{1,6})?$/.test(value)) throw reader.unexpected('a number of hours');
  reader.next();
  if (!reader.takes('HOURS') && !reader.takes('HOUR')) throw reader.unexpected('HOURS');
  return Number(value);
}
