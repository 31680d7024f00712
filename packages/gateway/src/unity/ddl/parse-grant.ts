import { privileges, type Privilege, type Securable } from '../securable.ts';
import type { CatalogStatement } from './catalog-statement.ts';
import { principal, securableKind, securableName, serviceSecurable } from './parse-parts.ts';
import type { TokenReader } from './token-reader.ts';

/** GRANT … or REVOKE …, from after its first word. */
export function parseGrant(reader: TokenReader, kind: 'grant' | 'revoke'): CatalogStatement {
  const granted = [privilege(reader)];
  while (reader.takesSymbol(',')) granted.push(privilege(reader));
  if (!reader.sees('ON')) throw reader.unexpected("',' or ON");
  const securable = parseOn(reader);
  reader.must(kind === 'grant' ? 'TO' : 'FROM');
  const who = principal(reader);
  reader.end();
  return { kind, privileges: [...new Set(granted)], securable, principal: who };
}

/** `ON [kind] name`; a table where no kind is said. */
export function parseOn(reader: TokenReader): Securable {
  reader.must('ON');
  if (reader.takes('METASTORE')) return { kind: 'METASTORE', name: [] };
  const service = serviceSecurable(reader);
  if (service !== undefined) return service;
  const afterKind = reader.peek(1).kind;
  const named = afterKind === 'word' || afterKind === 'quoted';
  const isName = ['TO', 'FROM'].includes(reader.peek(1).keyword);
  const kind = named && !isName ? securableKind(reader) : undefined;
  if (kind !== undefined) return { kind, name: securableName(reader, kind) };
  if (named && !isName) throw reader.unexpected('METASTORE, CATALOG, SCHEMA, TABLE, VIEW or MODEL SERVICE and a name');
  return { kind: 'TABLE', name: securableName(reader, 'TABLE') };
}

function privilege(reader: TokenReader): Privilege {
  for (const known of privileges) {
    if (reader.takes(...known.split(' '))) return known;
    if (reader.takes(known.replaceAll(' ', '_'))) return known;
  }
  throw reader.unexpected(`a privilege: ${privileges.join(', ')}`);
}
