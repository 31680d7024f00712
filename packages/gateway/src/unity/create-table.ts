import { randomUUID } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';
import type { TableRef } from '../lake/lake.ts';
import { checkNewSchema } from '../lake/schema/check-schema.ts';
import type { StructType } from '../lake/schema/delta-type.ts';
import { isRemovedLocation } from '../state/unity-location-repository.ts';
import {
  insertTable,
  objectExists,
  updateObject,
  updateView,
  type TableRow,
} from '../state/unity-object-repository.ts';
import type { Caller } from './caller.ts';
import { DEFAULT_NAMES, type NameDefaults, type NewManagedTable, type NewView, type TableInfo } from './catalog.ts';
import { tableLocation } from './location.ts';
import { checkName, completeTableName, keyOf } from './names.ts';
import { alreadyExists, builtIn, notFound } from './refusals.ts';
import { isBuiltIn } from './rights.ts';
import type { Securable } from './securable.ts';
import type { UnityState } from './unity-state.ts';

/** CREATE TABLE of Unity Catalog; see `Catalog.createTable`. */
export async function createTable(
  state: UnityState,
  table: NewManagedTable,
  caller: Caller,
  defaults: NameDefaults = DEFAULT_NAMES,
): Promise<TableInfo> {
  const name = await newTableName(state, table.name, caller, defaults);
  const partitionColumns = asInSchema(table.partitionColumns ?? [], table.schema);
  checkNewSchema(table.schema, partitionColumns);
  const existing = state.snapshot().tables.get(keyOf(name));
  if (existing) return existingOr(table, existing, name);
  const ref = await makeDeltaTable(state, name, { ...table, partitionColumns }, caller.userName);
  const row = { ...newRow(state, name, caller.userName), kind: 'MANAGED', ...refColumns(ref) } as const;
  const inserted = await keepOrRemove(state, ref, () => addRow(state, { ...row, comment: table.comment ?? null }));
  const info = infoOf(state, name);
  return inserted ? info : existingOr(table, info, name);
}

/** CREATE VIEW of Unity Catalog; see `Catalog.createView`. Its text must have been checked. */
export async function createView(
  state: UnityState,
  view: NewView,
  caller: Caller,
  defaults: NameDefaults = DEFAULT_NAMES,
): Promise<TableInfo> {
  const name = await newTableName(state, view.name, caller, defaults);
  const content = {
    viewText: view.text,
    viewColumns: columnsJson(view.columns),
    comment: view.comment ?? null,
  };
  const existing = state.snapshot().tables.get(keyOf(name));
  if (existing && !view.replace) return existingOr(view, existing, name);
  if (existing) {
    const securable: Securable = { kind: 'TABLE', name };
    const rights = state.rights(caller);
    // "Not found" would be no answer to who wants to make it.
    if (existing.kind !== 'VIEW' || !rights.sees(securable)) throw alreadyExists(securable);
    rights.requireChange('MANAGE', securable);
    const [catalog = '', schema = '', leaf = ''] = name;
    // The text runs with the owner's rights, so another's text makes that one the owner.
    const owner = rights.speaksFor(existing.owner) ? undefined : caller.userName;
    await state.change(async (tx) => {
      await updateView(tx, { ...content, catalog, schema, name: leaf, updatedAt: state.now() });
      await updateObject(tx, name, { owner }, state.now());
    });
    return infoOf(state, name);
  }
  const row = { ...newRow(state, name, caller.userName), kind: 'VIEW', ...content } as const;
  const inserted = await addRow(state, row);
  const info = infoOf(state, name);
  return inserted ? info : existingOr(view, info, name);
}

/**
 * Makes the Delta table of a name at a place where none ever was: `<catalog>/<schema>/<table>`, or the
 * same with the beginning of the id where that place is or was taken.
 */
export async function makeDeltaTable(
  state: UnityState,
  name: readonly string[],
  table: Pick<NewManagedTable, 'schema' | 'properties' | 'comment' | 'partitionColumns'>,
  userName: string,
): Promise<TableRef> {
  const id = randomUUID();
  const place = tableLocation(name);
  const make = async (location: string): Promise<TableRef> => {
    const { schema, properties = {}, comment, partitionColumns = [] } = table;
    await state.lake.createTable({ id, location, schema, properties, comment, partitionColumns }, userName);
    return { id, location };
  };
  const other = `${place}-${id.slice(0, 8)}`;
  if (await isRemovedLocation(state.store, place)) return make(other);
  try {
    return await make(place);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'caller_already_exists') return make(other);
    throw error;
  }
}

/** Runs `keep`; where it answers false or throws, the Delta table just made is taken away again. */
export async function keepOrRemove(state: UnityState, ref: TableRef, keep: () => Promise<boolean>): Promise<boolean> {
  try {
    if (await keep()) return true;
  } catch (error) {
    // The row may be there all the same; a table without files would be worse than files without a table.
    const isUncertain = error instanceof GatewayError && error.code === 'gateway_state_unavailable';
    if (!isUncertain) await removeQuietly(state, ref.location);
    throw error;
  }
  await removeQuietly(state, ref.location);
  return false;
}

async function removeQuietly(state: UnityState, location: string): Promise<void> {
  try {
    await state.lake.remove(location);
  } catch (error) {
    state.log(`the files of a table that was not made could not be removed: ${location}: ${String(error)}`);
  }
}

/** Stores a row in a schema that must still be there. False where the name is taken. */
export function addRow(state: UnityState, row: TableRow): Promise<boolean> {
  return state.change(async (tx) => {
    const schema = [row.catalog, row.schema];
    if (!(await objectExists(tx, schema))) throw notFound({ kind: 'SCHEMA', name: schema });
    return insertTable(tx, row);
  });
}

/** A row without what only one kind of table has. */
export function newRow(state: UnityState, name: readonly string[], userName: string): Omit<TableRow, 'kind'> {
  const at = state.now();
  const [catalog = '', schema = '', leaf = ''] = name;
  return {
    catalog,
    schema,
    name: leaf,
    tableId: null,
    location: null,
    viewText: null,
    viewColumns: null,
    ownRowsColumn: null,
    owner: userName,
    comment: null,
    builtIn: false,
    createdAt: at,
    createdBy: userName,
    updatedAt: at,
  };
}

export function refColumns(ref: TableRef): Pick<TableRow, 'tableId' | 'location'> {
  return { tableId: ref.id, location: ref.location };
}

export function columnsJson(columns: StructType | undefined): string | null {
  return columns === undefined ? null : JSON.stringify(columns);
}

/** The checked name, after the checks of rights that making a table or view needs. */
async function newTableName(
  state: UnityState,
  given: readonly string[],
  caller: Caller,
  defaults: NameDefaults,
): Promise<string[]> {
  if (given.length === 0 || given.length > 3) {
    throw new GatewayError('caller_invalid_parameter', '[INVALID_NAME] A table has a name of one to three parts.');
  }
  const name = completeTableName(given, defaults);
  checkName(given.at(-1)!, 'table');
  await state.refresh();
  const schema: Securable = { kind: 'SCHEMA', name: name.slice(0, 2) };
  const rights = state.rights(caller);
  rights.requireSeen(schema);
  if (isBuiltIn(state.snapshot(), schema)) throw builtIn(schema);
  rights.requireUse({ kind: 'TABLE', name });
  rights.require('CREATE TABLE', schema);
  return name;
}

/** Names of columns, spelled as the schema spells them; unknown ones stay as they are. */
function asInSchema(names: readonly string[], schema: StructType): string[] {
  const spelled = new Map(schema.fields.map(({ name }) => [name.toLowerCase(), name]));
  return names.map((name) => spelled.get(name.toLowerCase()) ?? name);
}

function existingOr(
  wish: { readonly ifNotExists?: boolean | undefined },
  existing: TableInfo,
  name: readonly string[],
) {
  if (wish.ifNotExists) return existing;
  throw alreadyExists({ kind: 'TABLE', name });
}

function infoOf(state: UnityState, name: readonly string[]): TableInfo {
  const info = state.snapshot().tables.get(keyOf(name));
  if (!info) throw notFound({ kind: 'TABLE', name });
  return info;
}
