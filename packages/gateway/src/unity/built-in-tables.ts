import { randomUUID } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';
import type { TableDescription, TableRef } from '../lake/lake.ts';
import { typeText, type StructType } from '../lake/schema/delta-type.ts';
import { insertTable, updateObject, updateView } from '../state/unity-object-repository.ts';
import type { BuiltInTable, TableInfo } from './catalog.ts';
import { ADMINS } from './caller.ts';
import { columnsJson, makeDeltaTable, newRow, refColumns } from './create-table.ts';
import { tableLocation } from './location.ts';
import { keyOf, lowerCase } from './names.ts';
import { addSchema, SYSTEM_USER } from './seed.ts';
import type { UnityState } from './unity-state.ts';

/** Makes a built-in table or view, or brings it up to date; see `Catalog.ensureBuiltIn`. */
export async function ensureBuiltIn(state: UnityState, table: BuiltInTable): Promise<TableInfo> {
  await state.refresh();
  const key = keyOf(table.name);
  const existing = state.snapshot().tables.get(key);
  if (!existing) await make(state, table);
  else if (existing.table && table.schema) await updateManaged(state, existing.table.location, table, table.schema);
  else if (existing.kind === 'VIEW' && table.viewText !== undefined) await changeView(state, table, existing);
  else throw new Error(`The built-in table ${key} is there, but of another kind.`);
  await changeRow(state, table);
  const info = state.snapshot().tables.get(key);
  if (!info) throw new Error(`The built-in table ${key} was dropped while it was made.`);
  return info;
}

async function make(state: UnityState, table: BuiltInTable): Promise<void> {
  const name = table.name.map(lowerCase);
  const common = { ...newRow(state, name, SYSTEM_USER), owner: ADMINS };
  const row = { ...common, builtIn: true, comment: table.comment, ownRowsColumn: table.ownRowsColumn ?? null };
  const add = (rest: Partial<typeof row>, kind: 'MANAGED' | 'VIEW') =>
    state.change(async (tx) => {
      await addSchema(state, tx, row.catalog, row.schema, true);
      return insertTable(tx, { ...row, ...rest, kind });
    });
  if (table.viewText !== undefined) {
    await add({ viewText: table.viewText, viewColumns: columnsJson(table.schema) }, 'VIEW');
    return;
  }
  if (!table.schema) throw new Error(`The built-in table ${keyOf(table.name)} has neither columns nor a text.`);
  await add(refColumns(await makeOrAdopt(state, name, table, table.schema)), 'MANAGED');
}

/**
 * The Delta table of a built-in one. Where the lake has it already, of another gateway on the same lake or of
 * an earlier state of this one, that table is taken and brought up to date; so it is never removed again either.
 */
async function makeOrAdopt(
  state: UnityState,
  name: readonly string[],
  { properties = {}, comment }: BuiltInTable,
  schema: StructType,
): Promise<TableRef> {
  const location = tableLocation(name);
  const id = randomUUID();
  try {
    await state.lake.createTable({ id, location, schema, properties, comment }, SYSTEM_USER);
    return { id, location };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'caller_already_exists') throw error;
  }
  const present = await state.lake.describe(location);
  if (present.partitionColumns.length === 0 && fits(schema, present.schema)) {
    await updateManaged(state, location, { name, properties, comment }, schema);
    return { id: present.id, location };
  }
  state.log(`the lake has another table at the place of ${keyOf(name)}; it is kept beside it`);
  return makeDeltaTable(state, name, { schema, properties, comment }, SYSTEM_USER);
}

/** Whether rows of `wanted` can be written once the columns that are missing have been added. */
function fits(wanted: StructType, present: StructType): boolean {
  const columns = new Map(present.fields.map((column) => [column.name.toLowerCase(), column]));
  const isSame = wanted.fields.every(({ name, type }) => {
    const column = columns.get(name.toLowerCase());
    columns.delete(name.toLowerCase());
    return column === undefined || (column.name === name && typeText(column.type) === typeText(type));
  });
  return isSame && [...columns.values()].every((column) => column.nullable);
}

/** Adds columns and properties that a newer gateway has. Nothing is taken away. */
async function updateManaged(
  state: UnityState,
  location: string,
  table: BuiltInTable,
  schema: StructType,
): Promise<void> {
  const present = await describeOwn(state, location, table.name);
  const known = new Set(present.schema.fields.map((field) => field.name.toLowerCase()));
  const missing = schema.fields.filter((field) => !known.has(field.name.toLowerCase()));
  if (missing.length > 0) {
    await state.lake.alter(location, { kind: 'add-columns', fields: { type: 'struct', fields: missing } }, SYSTEM_USER);
  }
  const wanted = Object.entries(table.properties ?? {});
  if (wanted.some(([name, value]) => present.properties[name] !== value)) {
    await state.lake.alter(location, { kind: 'set-properties', properties: Object.fromEntries(wanted) }, SYSTEM_USER);
  }
  if (present.comment !== table.comment) {
    await state.lake.alter(location, { kind: 'set-comment', comment: table.comment }, SYSTEM_USER);
  }
}

/** A table that is known and not there was not dropped: the lake's storage is away. It must not be made anew. */
async function describeOwn(state: UnityState, location: string, name: readonly string[]): Promise<TableDescription> {
  try {
    return await state.lake.describe(location);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'caller_table_not_found') throw error;
    throw new GatewayError(
      'gateway_lake_unavailable',
      `The table ${keyOf(name)} is no longer in the lake. Is the storage of lake.root mounted? Bring it back; records wait until then.`,
      { cause: error },
    );
  }
}

async function changeView(state: UnityState, table: BuiltInTable, existing: TableInfo): Promise<void> {
  const viewColumns = columnsJson(table.schema);
  if (existing.viewText === table.viewText && columnsJson(existing.viewColumns) === viewColumns) return;
  const { catalog, schema, name } = existing;
  const viewText = table.viewText ?? null;
  const content = { viewText, viewColumns, comment: table.comment, updatedAt: state.now() };
  await state.change((tx) => updateView(tx, { ...content, catalog, schema, name }));
}

async function changeRow(state: UnityState, table: BuiltInTable): Promise<void> {
  const info = state.snapshot().tables.get(keyOf(table.name));
  if (!info || (info.comment === table.comment && info.ownRowsColumn === table.ownRowsColumn)) return;
  const change = { comment: table.comment, ownRowsColumn: table.ownRowsColumn ?? null };
  await state.change((tx) => updateObject(tx, [info.catalog, info.schema, info.name], change, state.now()));
}
