import type { ResultTable } from '../../unity/result-table.ts';
import type { StatementParameter } from '../statement.ts';
import type { CallContext, Method } from './call.ts';
import { columnRow, metadataTable, typeInfoRows } from './metadata-tables.ts';
import { nameFilter } from './name-pattern.ts';
import { operationResponse } from './operation-response.ts';
import { OperationType } from './tcli-constants.ts';
import type { ThriftStruct } from './thrift-struct.ts';

/** Runs a query over `system.information_schema` with the caller's rights. */
type Query = (sql: string, parameters?: readonly StatementParameter[]) => Promise<ResultTable>;

/** Gives the table of one metadata call. */
type Answer = (request: ThriftStruct, query: Query) => Promise<ResultTable>;

const TABLE = 'TABLE';
const VIEW = 'VIEW';

/** Field of `runAsync` in the requests of metadata calls. */
const RUN_ASYNC = 1282;

/** The calls that ask what there is. Everybody sees what `information_schema` shows them. */
export const metadataMethods: Readonly<Record<string, Method>> = {
  GetTypeInfo: method(OperationType.GET_TYPE_INFO, async () => metadataTable('typeInfo', typeInfoRows())),
  GetCatalogs: method(OperationType.GET_CATALOGS, catalogs),
  GetSchemas: method(OperationType.GET_SCHEMAS, schemas),
  GetTables: method(OperationType.GET_TABLES, tables),
  GetTableTypes: method(OperationType.GET_TABLE_TYPES, async () => metadataTable('tableTypes', [[TABLE], [VIEW]])),
  GetColumns: method(OperationType.GET_COLUMNS, columns),
  // The catalog holds no functions, and no keys.
  GetFunctions: method(OperationType.GET_FUNCTIONS, async () => metadataTable('functions', [])),
  GetPrimaryKeys: method(OperationType.UNKNOWN, async () => metadataTable('primaryKeys', [])),
  GetCrossReference: method(OperationType.UNKNOWN, async () => metadataTable('crossReference', [])),
};

function method(type: number, answer: Answer): Method {
  return (request, context) => {
    const { caller, sessions, statements } = context;
    const session = sessions.session(request.struct(1), caller);
    const operation = sessions.begin(session, type, () =>
      statements.start(caller, (signal) => answer(request, queryWith(context, signal))),
    );
    return operationResponse(operation, request, request.bool(RUN_ASYNC) ?? false, sessions);
  };
}

function queryWith({ engine, caller }: CallContext, signal: AbortSignal): Query {
  return (sql, parameters = []) => engine.execute({ sql, parameters, caller }, signal);
}

async function catalogs(_request: ThriftStruct, query: Query): Promise<ResultTable> {
  const { rows, truncated } = await query(
    'SELECT catalog_name FROM system.information_schema.catalogs ORDER BY catalog_name',
  );
  return metadataTable('catalogs', rows, truncated);
}

async function schemas(request: ThriftStruct, query: Query): Promise<ResultTable> {
  const { rows, truncated } = await query(
    'SELECT schema_name, catalog_name FROM system.information_schema.schemata ORDER BY catalog_name, schema_name',
  );
  const [catalog, schema] = [nameFilter(request.text(2)), nameFilter(request.text(3))];
  const found = rows.filter((row) => schema(row[0] ?? '') && catalog(row[1] ?? ''));
  return metadataTable('schemas', found, truncated);
}

async function tables(request: ThriftStruct, query: Query): Promise<ResultTable> {
  const { rows, truncated } = await query(
    'SELECT table_catalog, table_schema, table_name, table_type, comment FROM system.information_schema.tables ' +
      'ORDER BY table_catalog, table_schema, table_name',
  );
  const matches = tableFilter(request);
  const kinds: string[] = request.texts(5).map((type) => (type.toUpperCase().includes(VIEW) ? VIEW : TABLE));
  const found = rows.filter(matches).map(([catalog, schema, name, type, comment]) => {
    const kind = type?.includes(VIEW) ? VIEW : TABLE;
    return [catalog ?? '', schema ?? '', name ?? '', kind, comment ?? '', null, null, null, null, null];
  });
  const wanted = kinds.length === 0 ? found : found.filter((row) => kinds.includes(row[3] ?? ''));
  return metadataTable('tables', wanted, truncated);
}

async function columns(request: ThriftStruct, query: Query): Promise<ResultTable> {
  const { rows, truncated } = await query(
    'SELECT table_catalog, table_schema, table_name, column_name, full_data_type, is_nullable, comment ' +
      'FROM system.information_schema.columns ORDER BY table_catalog, table_schema, table_name, ordinal_position',
  );
  const [matches, named] = [tableFilter(request), nameFilter(request.text(5))];
  const found: (string | null)[][] = [];
  let [table, position] = ['', 0];
  for (const row of rows) {
    const [catalog = '', schema = '', name = '', column, fullType, nullable, comment] = row;
    const place = JSON.stringify([catalog, schema, name]);
    position = place === table ? position + 1 : 1;
    table = place;
    if (!matches(row) || !named(column ?? '')) continue;
    found.push(
      columnRow({
        catalog: catalog ?? '',
        schema: schema ?? '',
        table: name ?? '',
        column: column ?? '',
        fullType: fullType ?? 'string',
        nullable: nullable !== 'NO',
        comment: comment ?? null,
        position,
      }),
    );
  }
  return metadataTable('columns', found, truncated);
}

/** Catalog, schema and table are fields 2 to 4 of the requests, and the first three columns of the rows. */
function tableFilter(request: ThriftStruct): (row: readonly (string | null)[]) => boolean {
  const filters = [2, 3, 4].map((field) => nameFilter(request.text(field)));
  return (row) => filters.every((filter, at) => filter(row[at] ?? ''));
}
