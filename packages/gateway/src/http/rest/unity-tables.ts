import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { StructField } from '../../lake/schema/delta-type.ts';
import type { Caller } from '../../unity/caller.ts';
import type { Catalog, TableInfo } from '../../unity/catalog.ts';
import type { Securable } from '../../unity/securable.ts';
import { parseTypeText } from '../../unity/ddl/parse-type.ts';
import type { RestRoute } from '../rest-route.ts';
import { flagText, maxResultsQuery, schemaQuery } from '../openapi/parameters.ts';
import { tableJson } from './unity-json.ts';
import {
  bodyOf,
  callerOf,
  changing,
  commentField,
  flag,
  nameField,
  nameParts,
  neededParameter,
  nextPage,
  ownerField,
  pageOf,
  propertiesField,
  unityBase,
} from './unity-requests.ts';

const collection = `${unityBase}/tables`;

const newTable = z.object({
  name: nameField,
  catalog_name: nameField,
  schema_name: nameField,
  table_type: z.literal('MANAGED', 'must be MANAGED; views are made with SQL').default('MANAGED'),
  data_source_format: z.literal('DELTA', 'must be DELTA').default('DELTA'),
  columns: z.array(
    z.object({
      name: nameField,
      type_text: z.string('must be a type in SQL, such as map<string,string>'),
      nullable: z.literal(true, 'must be true; every column may be null').default(true),
      comment: commentField,
      partition_index: z.int().min(0).max(1000).optional(),
    }),
    'must be the columns of the table',
  ),
  storage_location: z.undefined('is not offered; the gateway chooses where files are').optional(),
  comment: commentField,
  properties: propertiesField,
});

const change = z.object({ owner: ownerField, comment: commentField, properties: propertiesField });

/** `tables` of Unity Catalog. */
export const unityTableRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: collection,
    describe: {
      id: 'listTables',
      summary: 'Lists the tables of a schema that the caller may see.',
      access: 'user',
      tag: 'unityCatalog',
      query: { ...schemaQuery, omit_columns: flagText, ...maxResultsQuery },
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const schema = [neededParameter(request, 'catalog_name'), neededParameter(request, 'schema_name')];
      const bare = flag(request, 'omit_columns');
      const sizes = { defaultSize: 50, maxSize: bare ? 1000 : 50 };
      const tables = catalog.tables(schema, callerOf(request));
      const page = pageOf(tables, request, `tables ${schema.join('.')}`, sizes);
      const shown = await Promise.all(page.items.map((info) => (bare ? tableJson(info) : listed(catalog, info))));
      return { status: 200, body: { tables: shown, ...nextPage(page) } };
    },
  },
  {
    method: 'POST',
    path: collection,
    describe: {
      id: 'createTable',
      summary: 'Makes a managed Delta table.',
      access: 'user',
      tag: 'unityCatalog',
      body: newTable,
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const body = bodyOf(newTable, request);
      const table = {
        name: [body.catalog_name, body.schema_name, body.name],
        schema: { type: 'struct', fields: body.columns.map(fieldOf) } as const,
        partitionColumns: partitionColumns(body.columns),
        properties: body.properties,
        comment: body.comment,
      };
      const info = await changing(request, catalog, { kind: 'TABLE', name: table.name }, (caller) =>
        catalog.createTable(table, caller),
      );
      return { status: 200, body: await shown(catalog, info) };
    },
  },
  {
    method: 'GET',
    path: `${collection}/{full_name}`,
    describe: { id: 'getTable', summary: 'Shows a table with its columns.', access: 'user', tag: 'unityCatalog' },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const name = nameParts(request.params['full_name'], 3, 'table');
      return { status: 200, body: await shown(catalog, catalog.tableInfo(name, callerOf(request))) };
    },
  },
  {
    method: 'PATCH',
    path: `${collection}/{full_name}`,
    describe: {
      id: 'updateTable',
      summary: 'Changes owner, comment or properties of a table.',
      access: 'user',
      tag: 'unityCatalog',
      body: change,
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const name = nameParts(request.params['full_name'], 3, 'table');
      const body = bodyOf(change, request);
      await changing(request, catalog, { kind: 'TABLE', name }, (caller) => changeTable(catalog, name, body, caller));
      return { status: 200, body: await shown(catalog, catalog.tableInfo(name, callerOf(request))) };
    },
  },
  {
    method: 'DELETE',
    path: `${collection}/{full_name}`,
    describe: { id: 'deleteTable', summary: 'Drops a table or view.', access: 'user', tag: 'unityCatalog' },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const name = nameParts(request.params['full_name'], 3, 'table');
      const securable: Securable = { kind: 'TABLE', name };
      await changing(request, catalog, securable, (caller) => catalog.drop(securable, caller));
      return { status: 200, body: {} };
    },
  },
];

async function shown(catalog: Catalog, info: TableInfo) {
  const description = await catalog.describe(info);
  return tableJson(info, description?.schema ?? (await catalog.columns(info)), description);
}

/** A table whose files cannot be read now is listed without its columns: it must not hide the others. */
async function listed(catalog: Catalog, info: TableInfo) {
  try {
    return await shown(catalog, info);
  } catch (error) {
    if (error instanceof GatewayError) return tableJson(info);
    throw error;
  }
}

/** Properties are added to those there are. The owner changes last: the caller may lose its rights by that. */
async function changeTable(
  catalog: Catalog,
  name: readonly string[],
  { properties, owner, comment }: z.output<typeof change>,
  caller: Caller,
): Promise<void> {
  if (properties) await catalog.alterTable(name, { kind: 'set-properties', properties }, caller);
  if (properties && owner === undefined && comment === undefined) return;
  await catalog.update({ kind: 'TABLE', name }, { owner, comment }, caller);
}

function fieldOf(column: z.output<typeof newTable>['columns'][number]): StructField {
  const { name, type_text: text, comment } = column;
  return { name, type: parseTypeText(text), nullable: true, metadata: comment === undefined ? {} : { comment } };
}

function partitionColumns(columns: z.output<typeof newTable>['columns']): string[] {
  return columns
    .filter((column) => column.partition_index !== undefined)
    .toSorted((left, right) => (left.partition_index ?? 0) - (right.partition_index ?? 0))
    .map(({ name }) => name);
}
