import type { TableChange, TableDescription } from '../lake/lake.ts';
import type { StructType } from '../lake/schema/delta-type.ts';
import { alterTable, update } from './alter.ts';
import { ensureBuiltIn } from './built-in-tables.ts';
import type { Caller } from './caller.ts';
import {
  DEFAULT_NAMES,
  type BuiltInTable,
  type Catalog,
  type CatalogInfo,
  type DropOptions,
  type Grant,
  type GrantChange,
  type NameDefaults,
  type NewContainer,
  type NewManagedTable,
  type NewView,
  type ObjectUpdate,
  type ReadableTable,
  type SchemaInfo,
  type ServiceRights,
  type TableInfo,
} from './catalog.ts';
import { createCatalog, createSchema } from './create-container.ts';
import { createTable, createView } from './create-table.ts';
import { drop, removeDropped } from './drop.ts';
import { changeGrants, grants } from './grants.ts';
import { informationSchemaTables } from './information-schema/definitions.ts';
import { informationSchemaRows } from './information-schema/rows.ts';
import { completeSchemaName, completeSecurable, completeTableName, keyOf, lowerCase } from './names.ts';
import { builtIn, insufficient, notATable, notFound } from './refusals.ts';
import { isServiceKind, type Privilege, type Securable } from './securable.ts';
import { ensureSchemas, seed, SYSTEM } from './seed.ts';
import { alterService } from './services/alter-service.ts';
import { ServiceRegistry } from './services/service-registry.ts';
import { UnityState, type UnityOptions } from './unity-state.ts';

const NO_COLUMNS: StructType = { type: 'struct', fields: [] };

/**
 * Unity Catalog on the relational store and the lake. What exists and who may do what is answered from
 * an image in memory: own changes are in it at once, other processes' within a second.
 */
export class UnityCatalog implements Catalog {
  readonly services: ServiceRegistry;
  readonly #state: UnityState;

  private constructor(state: UnityState) {
    this.#state = state;
    this.services = new ServiceRegistry(state);
  }

  /** Makes `system`, `main` and `main.default` in a store that has none. */
  static async open(options: UnityOptions): Promise<UnityCatalog> {
    const state = await UnityState.open(options);
    await seed(state);
    return new UnityCatalog(state);
  }

  async readable(name: readonly string[], caller: Caller, defaults = DEFAULT_NAMES): Promise<ReadableTable> {
    const { info, inFull } = await this.#state.freshly(() => this.#mayRead(name, caller, defaults));
    const rows = info.kind === 'VIRTUAL' ? await this.#virtualRows(info, caller) : undefined;
    return { info, ownRowsColumn: inFull ? undefined : info.ownRowsColumn, rows };
  }

  writable(name: readonly string[], caller: Caller): Promise<TableInfo> {
    return this.#state.freshly(() => this.#mayWrite(name, caller));
  }

  find(name: readonly string[]): TableInfo | undefined {
    return this.#state.snapshot().tables.get(keyOf(completeTableName(name, DEFAULT_NAMES)));
  }

  require(privilege: Privilege, securable: Securable, caller: Caller): void {
    this.#state.rights(caller).requireWithin(privilege, lowered(securable));
  }

  serviceRights(caller: Caller): ServiceRights {
    return this.#state.rights(caller);
  }

  ensureSchemas(services: readonly string[]): Promise<void> {
    return ensureSchemas(this.#state, services);
  }

  ensureBuiltIn(table: BuiltInTable): Promise<TableInfo> {
    return ensureBuiltIn(this.#state, table);
  }

  createTable(table: NewManagedTable, caller: Caller, defaults?: NameDefaults): Promise<TableInfo> {
    return createTable(this.#state, table, caller, defaults);
  }

  managedTables(): TableInfo[] {
    return [...this.#state.snapshot().tables.values()].filter((info) => info.table !== undefined);
  }

  catalogs(caller: Caller): CatalogInfo[] {
    const rights = this.#state.rights(caller);
    const all = [...this.#state.snapshot().catalogs.values()];
    return all.filter(({ name }) => rights.sees({ kind: 'CATALOG', name: [name] })).toSorted(byName);
  }

  schemas(catalog: string, caller: Caller): SchemaInfo[] {
    const rights = this.#state.rights(caller);
    const name = lowerCase(catalog);
    rights.requireSeen({ kind: 'CATALOG', name: [name] });
    const all = [...this.#state.snapshot().schemas.values()].filter((info) => info.catalog === name);
    return all.filter((info) => rights.sees({ kind: 'SCHEMA', name: [name, info.name] })).toSorted(byName);
  }

  tables(schema: readonly string[], caller: Caller): TableInfo[] {
    const rights = this.#state.rights(caller);
    const name = completeSchemaName(schema, DEFAULT_NAMES);
    rights.requireSeen({ kind: 'SCHEMA', name });
    const all = [...this.#state.snapshot().tables.values()];
    return all
      .filter((info) => info.catalog === name[0] && info.schema === name[1] && rights.sees(securableOfTable(info)))
      .toSorted(byName);
  }

  catalogInfo(name: string, caller: Caller): CatalogInfo {
    const securable: Securable = { kind: 'CATALOG', name: [lowerCase(name)] };
    this.#state.rights(caller).requireSeen(securable);
    return present(this.#state.snapshot().catalogs.get(keyOf(securable.name)), securable);
  }

  schemaInfo(name: readonly string[], caller: Caller, defaults = DEFAULT_NAMES): SchemaInfo {
    const securable: Securable = { kind: 'SCHEMA', name: completeSchemaName(name, defaults) };
    this.#state.rights(caller).requireSeen(securable);
    return present(this.#state.snapshot().schemas.get(keyOf(securable.name)), securable);
  }

  tableInfo(name: readonly string[], caller: Caller, defaults = DEFAULT_NAMES): TableInfo {
    const securable: Securable = { kind: 'TABLE', name: completeTableName(name, defaults) };
    this.#state.rights(caller).requireSeen(securable);
    return present(this.#state.snapshot().tables.get(keyOf(securable.name)), securable);
  }

  async columns(table: TableInfo): Promise<StructType> {
    if (table.kind === 'VIRTUAL') return informationSchemaTables[table.name]?.columns ?? NO_COLUMNS;
    if (table.kind === 'VIEW') return table.viewColumns ?? NO_COLUMNS;
    return (await this.describe(table))?.schema ?? NO_COLUMNS;
  }

  async describe(table: TableInfo): Promise<TableDescription | undefined> {
    return table.table === undefined ? undefined : this.#state.lake.describe(table.table.location);
  }

  createCatalog(catalog: NewContainer, caller: Caller): Promise<CatalogInfo> {
    return createCatalog(this.#state, catalog, caller);
  }

  createSchema(schema: NewContainer, caller: Caller, defaults?: NameDefaults): Promise<SchemaInfo> {
    return createSchema(this.#state, schema, caller, defaults);
  }

  createView(view: NewView, caller: Caller, defaults?: NameDefaults): Promise<TableInfo> {
    return createView(this.#state, view, caller, defaults);
  }

  drop(securable: Securable, caller: Caller, options?: DropOptions): Promise<void> {
    return drop(this.#state, lowered(securable), caller, options);
  }

  update(securable: Securable, change: ObjectUpdate, caller: Caller): Promise<void> {
    const complete = lowered(securable);
    if (isServiceKind(complete.kind)) return alterService(this.services, complete, change, caller);
    return update(this.#state, complete, change, caller);
  }

  alterTable(
    name: readonly string[],
    change: TableChange,
    caller: Caller,
    defaults: NameDefaults = DEFAULT_NAMES,
  ): Promise<TableInfo> {
    return alterTable(this.#state, completeTableName(name, defaults), change, caller);
  }

  grants(securable: Securable, caller: Caller): Grant[] {
    return grants(this.#state, lowered(securable), caller);
  }

  changeGrants(securable: Securable, changes: readonly GrantChange[], caller: Caller): Promise<void> {
    return changeGrants(this.#state, lowered(securable), changes, caller);
  }

  /** Removes the files of dropped tables that are still there. To be called now and then by one process. */
  removeDropped(): Promise<void> {
    return removeDropped(this.#state);
  }

  /** `inFull` is false where the caller sees only its own rows. */
  #mayRead(name: readonly string[], caller: Caller, defaults: NameDefaults): { info: TableInfo; inFull: boolean } {
    const info = this.tableInfo(name, caller, defaults);
    const securable = securableOfTable(info);
    const rights = this.#state.rights(caller);
    rights.requireUse(securable);
    if (info.ownRowsColumn === undefined) {
      rights.require('SELECT', securable);
      return { info, inFull: true };
    }
    return { info, inFull: rights.admin || rights.hasExplicitly('SELECT', securable) };
  }

  #mayWrite(name: readonly string[], caller: Caller): TableInfo {
    const info = this.tableInfo(name, caller);
    const securable = securableOfTable(info);
    const rights = this.#state.rights(caller);
    rights.requireUse(securable);
    if (info.builtIn) throw builtIn(securable);
    if (!info.table) throw notATable(securable.name);
    if (rights.admin || rights.owns(securable)) return info;
    for (const privilege of ['MODIFY', 'SELECT'] as const) {
      if (!rights.hasExplicitly(privilege, securable)) throw insufficient(privilege, securable);
    }
    return info;
  }

  #virtualRows(info: TableInfo, caller: Caller) {
    return informationSchemaRows(info.name, {
      snapshot: this.#state.snapshot(),
      rights: this.#state.rights(caller),
      catalog: info.catalog === SYSTEM ? undefined : info.catalog,
      columns: (table) => this.columns(table),
    });
  }
}

function securableOfTable(info: TableInfo): Securable {
  return { kind: 'TABLE', name: [info.catalog, info.schema, info.name] };
}

function lowered(securable: Securable): Securable {
  return completeSecurable(securable, DEFAULT_NAMES);
}

function present<T>(info: T | undefined, securable: Securable): T {
  if (info === undefined) throw notFound(securable);
  return info;
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1;
}
