import { GatewayError } from '../errors/gateway-error.ts';
import { deleteService, selectServices } from '../state/service-repository.ts';
import type { Queryable } from '../state/store.ts';
import { deleteGrantsOn } from '../state/unity-grant-repository.ts';
import {
  insertRemovedLocation,
  markLocationRemoved,
  selectLocationsToRemove,
} from '../state/unity-location-repository.ts';
import { deleteObject, selectSchemas, selectTables, type SchemaRow } from '../state/unity-object-repository.ts';
import { deleteTagsOf } from '../state/unity-tag-repository.ts';
import type { Caller } from './caller.ts';
import type { DropOptions, TableInfo } from './catalog.ts';
import { keyOf, shown } from './names.ts';
import { inWords, notFound } from './refusals.ts';
import type { Securable } from './securable.ts';
import { DECLARED_BY } from './services/declared-services.ts';
import type { UnityState } from './unity-state.ts';

/**
 * Drops an object with all that is in it, with grants and tags; see `Catalog.drop`. The rows go first, in
 * one transaction; the files after. Files that cannot be removed now are removed by `removeDropped`.
 * @param securable complete name, in lower case.
 */
export async function drop(
  state: UnityState,
  securable: Securable,
  caller: Caller,
  options: DropOptions = {},
): Promise<void> {
  await state.refresh();
  const rights = state.rights(caller);
  if (options.ifExists && !rights.sees(securable)) return;
  rights.requireChange('MANAGE', securable);
  if (securable.kind === 'TABLE') checkKind(state.snapshot().tables.get(keyOf(securable.name)), options);
  const locations = await state.change((tx) => dropRows(state, tx, securable, options.cascade ?? false));
  for (const location of locations) await removeFiles(state, location);
}

/** Removes the files of tables that were dropped while that failed, or shortly before a crash. */
export async function removeDropped(state: UnityState): Promise<void> {
  for (const location of await selectLocationsToRemove(state.store)) await removeFiles(state, location);
}

async function removeFiles(state: UnityState, location: string): Promise<void> {
  try {
    await state.lake.remove(location);
    await markLocationRemoved(state.store, location, state.now());
  } catch (error) {
    state.log(`the files of a dropped table could not be removed yet: ${location}: ${String(error)}`);
  }
}

/** Deletes the rows. @returns places of the tables among them. */
async function dropRows(state: UnityState, tx: Queryable, securable: Securable, cascade: boolean): Promise<string[]> {
  const tables = (await selectTables(tx)).filter((row) => isWithin([row.catalog, row.schema, row.name], securable));
  const schemas = (await selectSchemas(tx)).filter((row) => isWithin([row.catalog, row.name], securable));
  const services = (await selectServices(tx)).filter((row) => isWithin([row.catalog, row.schema, row.name], securable));
  const declared = [...state.snapshot().services.values()].filter(
    (info) => info.origin === 'configuration' && isWithin([info.catalog, info.schema, info.name], securable),
  );
  if (securable.kind !== 'TABLE') {
    refuseDeclared(securable, declared);
    if (!cascade) refuseFull(securable, schemas, [...tables, ...services]);
    for (const row of services) {
      await deleteGrantsOn(tx, row.kind, keyOf([row.catalog, row.schema, row.name]));
      await deleteService(tx, row);
    }
  }
  for (const row of tables) {
    await deleteOne(tx, { kind: 'TABLE', name: [row.catalog, row.schema, row.name] });
    if (row.location !== null) await insertRemovedLocation(tx, row.location, state.now());
  }
  for (const row of schemas) await deleteOne(tx, { kind: 'SCHEMA', name: [row.catalog, row.name] });
  const deleted = await deleteOne(tx, securable);
  if (!deleted && tables.length + schemas.length === 0) throw notFound(securable);
  return tables.flatMap((row) => row.location ?? []);
}

async function deleteOne(tx: Queryable, { kind, name }: Securable): Promise<boolean> {
  await deleteGrantsOn(tx, kind, keyOf(name));
  await deleteTagsOf(tx, kind, keyOf(name));
  return deleteObject(tx, name);
}

/** The object itself, or something in it. */
function isWithin(name: readonly string[], securable: Securable): boolean {
  return securable.name.every((part, at) => part === name[at]) && name.length >= securable.name.length;
}

/** A service of the configuration cannot be dropped, so neither can what it is in. */
function refuseDeclared(securable: Securable, declared: readonly { readonly name: string }[]): void {
  const first = declared[0];
  if (first === undefined) return;
  throw new GatewayError(
    'caller_invalid_state',
    `${inWords(securable)} has the service ${shown(first.name)} of the configuration. Remove it from ${DECLARED_BY} first.`,
  );
}

/** An empty schema `default`, which every catalog has from the start, does not keep the catalog. */
function refuseFull(
  securable: Securable,
  schemas: readonly SchemaRow[],
  tables: readonly { readonly name: string }[],
): void {
  const first =
    tables[0]?.name ?? (securable.kind === 'CATALOG' ? schemas.find((row) => row.name !== 'default')?.name : undefined);
  if (first === undefined) return;
  const errorClass = securable.kind === 'CATALOG' ? 'CATALOG_NOT_EMPTY' : 'SCHEMA_NOT_EMPTY';
  throw new GatewayError(
    'caller_invalid_state',
    `[${errorClass}] ${inWords(securable)} is not empty: it has ${shown(first)}. Drop what is in it first, or say CASCADE.`,
  );
}

function checkKind(info: TableInfo | undefined, { expect }: DropOptions): void {
  if (!info || expect === undefined) return;
  const isView = info.kind === 'VIEW';
  if (isView === (expect === 'view')) return;
  const name = shown([info.catalog, info.schema, info.name]);
  throw new GatewayError(
    'caller_invalid_state',
    isView
      ? `[WRONG_COMMAND_FOR_OBJECT_TYPE] ${name} is a view: use DROP VIEW.`
      : `[WRONG_COMMAND_FOR_OBJECT_TYPE] ${name} is a table: use DROP TABLE.`,
  );
}
