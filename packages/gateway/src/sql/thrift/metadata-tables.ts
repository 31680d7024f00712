import type { PrimitiveName } from '../../lake/schema/delta-type.ts';
import type { ResultTable } from '../../unity/result-table.ts';

type Rows = readonly (readonly (string | null)[])[];

/** Columns of the answers, as JDBC's DatabaseMetaData names and types them. `:i` is an INT, `:s` a SMALLINT. */
const columnNames = {
  catalogs: 'TABLE_CAT',
  schemas: 'TABLE_SCHEM TABLE_CATALOG',
  tables:
    'TABLE_CAT TABLE_SCHEM TABLE_NAME TABLE_TYPE REMARKS TYPE_CAT TYPE_SCHEM TYPE_NAME SELF_REFERENCING_COL_NAME REF_GENERATION',
  columns:
    'TABLE_CAT TABLE_SCHEM TABLE_NAME COLUMN_NAME DATA_TYPE:i TYPE_NAME COLUMN_SIZE:i BUFFER_LENGTH:i DECIMAL_DIGITS:i NUM_PREC_RADIX:i NULLABLE:i REMARKS COLUMN_DEF SQL_DATA_TYPE:i SQL_DATETIME_SUB:i CHAR_OCTET_LENGTH:i ORDINAL_POSITION:i IS_NULLABLE SCOPE_CATALOG SCOPE_SCHEMA SCOPE_TABLE SOURCE_DATA_TYPE:s IS_AUTO_INCREMENT',
  tableTypes: 'TABLE_TYPE',
  functions: 'FUNCTION_CAT FUNCTION_SCHEM FUNCTION_NAME REMARKS FUNCTION_TYPE:i SPECIFIC_NAME',
  primaryKeys: 'TABLE_CAT TABLE_SCHEM TABLE_NAME COLUMN_NAME KEY_SEQ:i PK_NAME',
  crossReference:
    'PKTABLE_CAT PKTABLE_SCHEM PKTABLE_NAME PKCOLUMN_NAME FKTABLE_CAT FKTABLE_SCHEM FKTABLE_NAME FKCOLUMN_NAME KEY_SEQ:i UPDATE_RULE:i DELETE_RULE:i FK_NAME PK_NAME DEFERRABILITY:i',
  typeInfo:
    'TYPE_NAME DATA_TYPE:i PRECISION:i LITERAL_PREFIX LITERAL_SUFFIX CREATE_PARAMS NULLABLE:s CASE_SENSITIVE:b SEARCHABLE:s UNSIGNED_ATTRIBUTE:b FIXED_PREC_SCALE:b AUTO_INCREMENT:b LOCAL_TYPE_NAME MINIMUM_SCALE:s MAXIMUM_SCALE:s SQL_DATA_TYPE:i SQL_DATETIME_SUB:i NUM_PREC_RADIX:i',
} as const;

const types: Readonly<Record<string, PrimitiveName>> = { i: 'integer', s: 'short', b: 'boolean' };

/** One of the tables that metadata calls answer. */
export function metadataTable(kind: keyof typeof columnNames, rows: Rows, truncated = false): ResultTable {
  const columns = columnNames[kind].split(' ').map((column) => {
    const [name = '', type = ''] = column.split(':');
    return { name, type: types[type] ?? 'string' };
  });
  return { columns, rows, truncated };
}

/** What JDBC knows of a SQL type: its number in java.sql.Types, its size, digits after the point, base. */
interface JdbcType {
  readonly number: number;
  readonly size: number | null;
  readonly digits: number | null;
  readonly radix: number | null;
}

const LONGEST_TEXT = 2_147_483_647;

const jdbcTypes: Readonly<Record<string, JdbcType>> = {
  BOOLEAN: { number: 16, size: 1, digits: null, radix: null },
  TINYINT: { number: -6, size: 3, digits: 0, radix: 10 },
  SMALLINT: { number: 5, size: 5, digits: 0, radix: 10 },
  INT: { number: 4, size: 10, digits: 0, radix: 10 },
  BIGINT: { number: -5, size: 19, digits: 0, radix: 10 },
  FLOAT: { number: 6, size: 7, digits: 7, radix: 10 },
  DOUBLE: { number: 8, size: 15, digits: 15, radix: 10 },
  DECIMAL: { number: 3, size: 38, digits: 18, radix: 10 },
  STRING: { number: 12, size: LONGEST_TEXT, digits: null, radix: null },
  BINARY: { number: -2, size: LONGEST_TEXT, digits: null, radix: null },
  DATE: { number: 91, size: 10, digits: null, radix: null },
  TIMESTAMP: { number: 93, size: 29, digits: 6, radix: null },
  ARRAY: { number: 2003, size: null, digits: null, radix: null },
  MAP: { number: 2000, size: null, digits: null, radix: null },
  STRUCT: { number: 2002, size: null, digits: null, radix: null },
};

/** One row of `columns`. */
export interface ColumnMetadata {
  readonly catalog: string;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** As SQL writes it: `decimal(10,2)`, `array<string>`. */
  readonly fullType: string;
  readonly nullable: boolean;
  readonly comment: string | null;
  /** From 1. */
  readonly position: number;
}

/** The answer to GetColumns for one column. */
export function columnRow(column: ColumnMetadata): (string | null)[] {
  const [base = '', precision, scale] = column.fullType.toUpperCase().split(/[(<,)]/);
  const known = jdbcTypes[base === 'TIMESTAMP_NTZ' ? 'TIMESTAMP' : base] ?? jdbcTypes['STRING']!;
  const { number, size, digits, radix } =
    base === 'DECIMAL' && precision ? { ...known, size: Number(precision), digits: Number(scale ?? 0) } : known;
  return [
    column.catalog,
    column.schema,
    column.table,
    column.column,
    String(number),
    column.fullType.toUpperCase(),
    size?.toString() ?? null,
    null,
    digits?.toString() ?? null,
    radix?.toString() ?? null,
    column.nullable ? '1' : '0',
    column.comment,
    null,
    null,
    null,
    null,
    String(column.position),
    column.nullable ? 'YES' : 'NO',
    null,
    null,
    null,
    null,
    'NO',
  ];
}

/** The answer to GetTypeInfo. */
export function typeInfoRows(): Rows {
  return Object.entries(jdbcTypes).map(([name, { number, size, radix }]) => {
    const quoted = [12, 91, 93].includes(number) ? "'" : null;
    const isText = String(number === 12);
    return [
      name,
      String(number),
      size?.toString() ?? null,
      quoted,
      quoted,
      name === 'DECIMAL' ? 'precision,scale' : null,
      '1',
      isText,
      '3',
      String(radix === null),
      'false',
      'false',
      null,
      '0',
      name === 'DECIMAL' ? '38' : '0',
      null,
      null,
      radix?.toString() ?? null,
    ];
  });
}
