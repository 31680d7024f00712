import type { TableChange } from '../../lake/lake.ts';
import type { Securable } from '../securable.ts';
import type { CatalogStatement } from './catalog-statement.ts';
import { column, columns, ifExists, principal, properties, propertyKeys, securable } from './parse-parts.ts';
import type { TokenReader } from './token-reader.ts';

/** ALTER …, from after its first word. */
export function parseAlter(reader: TokenReader): CatalogStatement {
  const isTable = reader.sees('TABLE');
  const object = securable(reader);
  const statement = ownerOrTags(reader, object) ?? (isTable ? tableChange(reader, object.name) : undefined);
  if (!statement) throw reader.unexpected(isTable ? onTables : onOthers);
  reader.end();
  return statement;
}

/** COMMENT …, from after its first word. */
export function parseComment(reader: TokenReader): CatalogStatement {
  reader.must('ON');
  if (reader.takes('COLUMN')) {
    const name = reader.name('the name of a column with its table', 4);
    if (name.length < 2) throw reader.unexpected("'.' and the name of the column, after that of its table");
    const comment = commentText(reader);
    return { kind: 'comment-on-column', name, comment: comment ?? undefined };
  }
  return { kind: 'alter-object', securable: securable(reader), comment: commentText(reader) };
}

const onTables =
  'SET TBLPROPERTIES, UNSET TBLPROPERTIES, ADD COLUMNS, ALTER COLUMN … COMMENT, SET TAGS, UNSET TAGS or OWNER TO';
const onOthers = 'SET TAGS, UNSET TAGS or OWNER TO';

function commentText(reader: TokenReader): string | null {
  reader.must('IS');
  const comment = reader.takes('NULL') ? null : reader.text("the comment in 'quotes', or NULL");
  reader.end();
  return comment;
}

function ownerOrTags(reader: TokenReader, object: Securable): CatalogStatement | undefined {
  if (reader.takes('OWNER') || reader.takes('SET', 'OWNER')) {
    reader.must('TO');
    return { kind: 'alter-object', securable: object, owner: principal(reader) };
  }
  if (reader.takes('SET', 'TAGS')) {
    return { kind: 'alter-object', securable: object, setTags: properties(reader, 'optional') };
  }
  if (reader.takes('UNSET', 'TAGS')) {
    return { kind: 'alter-object', securable: object, unsetTags: propertyKeys(reader) };
  }
  return undefined;
}

function tableChange(reader: TokenReader, name: readonly string[]): CatalogStatement | undefined {
  const change = parseChange(reader);
  return change && { kind: 'alter-table', name, change };
}

function parseChange(reader: TokenReader): TableChange | undefined {
  if (reader.takes('SET', 'TBLPROPERTIES')) return { kind: 'set-properties', properties: properties(reader) };
  if (reader.takes('UNSET', 'TBLPROPERTIES')) {
    ifExists(reader);
    return { kind: 'unset-properties', keys: propertyKeys(reader) };
  }
  if (reader.takes('ADD', 'COLUMNS') || reader.takes('ADD', 'COLUMN')) return addColumns(reader);
  if (reader.takes('ALTER', 'COLUMN') || reader.takes('CHANGE', 'COLUMN')) return columnComment(reader);
  refuseChanges(reader);
  return undefined;
}

function addColumns(reader: TokenReader): TableChange {
  if (reader.sees('IF', 'NOT', 'EXISTS'))
    throw reader.notOffered('IF NOT EXISTS for columns', 'look with DESCRIBE first');
  const fields = reader.seesSymbol('(') ? columns(reader) : ({ type: 'struct', fields: [column(reader)] } as const);
  if (reader.sees('FIRST') || reader.sees('AFTER')) {
    throw reader.notOffered('A place for the new column', 'leave it out, new columns come last');
  }
  return { kind: 'add-columns', fields };
}

function columnComment(reader: TokenReader): TableChange {
  const path = reader.name('the name of a column', 16);
  if (!reader.sees('COMMENT')) {
    for (const word of ['TYPE', 'SET', 'DROP', 'FIRST', 'AFTER', 'RENAME', 'SYNC']) {
      if (reader.sees(word))
        throw reader.notOffered(`ALTER COLUMN … ${word}`, 'only the COMMENT of a column can change');
    }
  }
  reader.must('COMMENT');
  const comment = reader.text("the comment in 'quotes'");
  return { kind: 'set-column-comment', column: path, comment: comment === '' ? undefined : comment };
}

function refuseChanges(reader: TokenReader): void {
  const instead = 'make a new table, or a view over this one';
  if (reader.sees('RENAME')) throw reader.notOffered('RENAME', instead);
  if (reader.sees('DROP')) throw reader.notOffered('ALTER TABLE … DROP', instead);
  if (reader.sees('REPLACE')) throw reader.notOffered('REPLACE COLUMNS', instead);
  if (reader.sees('ADD', 'CONSTRAINT')) throw reader.notOffered('A constraint', 'rows are not checked');
  if (reader.sees('CLUSTER')) throw reader.notOffered('CLUSTER BY of a table that exists', 'leave it out');
  if (reader.sees('SET', 'LOCATION')) throw reader.notOffered('LOCATION', 'the gateway chooses where files are');
}
