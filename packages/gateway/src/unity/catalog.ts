import type { StructType } from '../lake/schema/delta-type.ts';
import type { TableChange, TableDescription, TableRef } from '../lake/lake.ts';
import type { Caller } from './caller.ts';
import type { ResultTable } from './result-table.ts';
import type { Privilege, Securable, ServiceSecurableKind } from './securable.ts';
import type { ServiceRegistry } from './services/service-registry.ts';

export interface CatalogInfo {
  readonly name: string;
  readonly owner: string;
  readonly comment: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  /** `system` and its schemas are made by the gateway and cannot be changed by statements. */
  readonly builtIn: boolean;
}

export interface SchemaInfo extends CatalogInfo {
  readonly catalog: string;
}

export interface TableInfo extends SchemaInfo {
  readonly schema: string;
  readonly kind: 'MANAGED' | 'VIEW' | 'VIRTUAL';
  /** For MANAGED. */
  readonly table: TableRef | undefined;
  /** For VIEW: its SELECT in Databricks SQL. Runs with the rights of the view's owner. */
  readonly viewText: string | undefined;
  /** For VIEW: its columns, where they were known when it was made. */
  readonly viewColumns?: StructType | undefined;
  /**
   * Callers without a SELECT of their own see only rows in which this column equals their user name.
   * Such a table needs no grant to be read in that way.
   */
  readonly ownRowsColumn: string | undefined;
}

/** A service as an object of the catalog; what it does stands in the configuration in force. */
export interface ServiceInfo extends SchemaInfo {
  readonly schema: string;
  readonly kind: ServiceSecurableKind;
  readonly origin: 'configuration' | 'api';
}

/** What a caller may do with services; answered from memory, for the hot path. */
export interface ServiceRights {
  /** `EXECUTE` with `USE CATALOG` and `USE SCHEMA`. @param name full name. False for one that does not exist. */
  mayExecute(kind: ServiceSecurableKind, name: string): boolean;
  /** May see it in lists: it may be executed, owned, managed, or its metadata read. */
  maySee(kind: ServiceSecurableKind, name: string): boolean;
  /** May change and delete it: its owner, or `MANAGE`. */
  mayManage(kind: ServiceSecurableKind, name: string): boolean;
}

/** What a caller may read of a table, after its grants were checked. */
export interface ReadableTable {
  readonly info: TableInfo;
  /** Only rows in which this column equals the caller's user name; undefined: all. */
  readonly ownRowsColumn: string | undefined;
  /** For VIRTUAL (`information_schema`): the rows themselves, as the caller may see them. */
  readonly rows: ResultTable | undefined;
}

/** A table the gateway brings itself. */
export interface BuiltInTable {
  /** Three parts. */
  readonly name: readonly string[];
  readonly comment: string;
  readonly schema?: StructType;
  readonly properties?: Readonly<Record<string, string>>;
  readonly viewText?: string;
  readonly ownRowsColumn?: string;
}

/** A catalog or schema to make. */
export interface NewContainer {
  readonly name: readonly string[];
  readonly comment?: string | undefined;
  readonly ifNotExists?: boolean | undefined;
}

export interface NewManagedTable extends NewContainer {
  readonly schema: StructType;
  readonly properties?: Readonly<Record<string, string>> | undefined;
  readonly partitionColumns?: readonly string[] | undefined;
}

export interface NewView extends NewContainer {
  readonly text: string;
  readonly columns: StructType | undefined;
  /** Over an existing view. */
  readonly replace?: boolean | undefined;
}

/** What `update` changes; what is left out stays. */
export interface ObjectUpdate {
  readonly owner?: string | undefined;
  /** `null` takes the comment away. */
  readonly comment?: string | null | undefined;
  readonly setTags?: Readonly<Record<string, string>> | undefined;
  readonly unsetTags?: readonly string[] | undefined;
}

/** One privilege of one principal. */
export interface Grant {
  readonly principal: string;
  readonly privilege: Privilege;
  /** What it was granted on: the object itself, or one above it. */
  readonly on: Securable;
}

export interface GrantChange {
  readonly principal: string;
  readonly add: readonly Privilege[];
  readonly remove: readonly Privilege[];
}

/**
 * Unity Catalog: names, owners, tags, grants. Names are found without regard to case. Everything that a
 * caller may not see is answered as if it did not exist.
 */
export interface Catalog {
  /**
   * A table the caller may read with `SELECT`.
   * @param name one to three parts; missing ones come from `defaults`.
   * @throws GatewayError `caller_catalog_not_found`, `caller_schema_not_found`, `caller_table_not_found`
   *   (`[TABLE_OR_VIEW_NOT_FOUND] …`), `policy_forbidden` (`[INSUFFICIENT_PERMISSIONS] …`, naming privilege and object).
   */
  readable(name: readonly string[], caller: Caller, defaults?: NameDefaults): Promise<ReadableTable>;
  /**
   * A managed table that the caller may append to: `USE CATALOG`, `USE SCHEMA` and explicit `MODIFY` and
   * `SELECT` on the table, or its owner, or an admin (unity-ai-gateway 9.1). Cheap: answered from memory, but for a
   * refusal, which asks the database whether it still holds.
   * @throws as `readable`.
   */
  writable(name: readonly string[], caller: Caller): Promise<TableInfo>;
  /** A table without any check of rights, or `undefined`. For the gateway itself. */
  find(name: readonly string[]): TableInfo | undefined;
  /**
   * Refuses who does not have the privilege, or not USE CATALOG and USE SCHEMA on what the object is in.
   * @throws GatewayError `policy_forbidden`, `caller_*_not_found` for what the caller may not see.
   */
  require(privilege: Privilege, securable: Securable, caller: Caller): void;
  /**
   * Makes the schemas of configured services, and their catalogs, where they are missing. They belong to
   * `admins`, and everyone may use them, as everyone may use the services.
   * @param services their full names, `main.team.fast`.
   */
  ensureSchemas(services: readonly string[]): Promise<void>;
  /** What the caller may do with services, by what is in force at this moment. */
  serviceRights(caller: Caller): ServiceRights;
  /** Model services and model provider services. */
  readonly services: ServiceRegistry;
  /** Makes a built-in table, or brings its columns and text up to date. */
  ensureBuiltIn(table: BuiltInTable): Promise<TableInfo>;
  /**
   * Makes a managed table in the caller's name, in an existing schema, with the checks of CREATE TABLE.
   * @returns the table as it then is; with `ifNotExists` an existing one.
   */
  createTable(table: NewManagedTable, caller: Caller, defaults?: NameDefaults): Promise<TableInfo>;
  /** Every managed table, for upkeep. */
  managedTables(): TableInfo[];

  /** All catalogs, schemas of a catalog, tables of a schema that the caller may see, by name. */
  catalogs(caller: Caller): CatalogInfo[];
  schemas(catalog: string, caller: Caller): SchemaInfo[];
  tables(schema: readonly string[], caller: Caller): TableInfo[];
  /** One object that the caller may see. @throws GatewayError `caller_*_not_found` */
  catalogInfo(name: string, caller: Caller): CatalogInfo;
  schemaInfo(name: readonly string[], caller: Caller, defaults?: NameDefaults): SchemaInfo;
  tableInfo(name: readonly string[], caller: Caller, defaults?: NameDefaults): TableInfo;
  /** Columns of a table or view; a view whose columns are not known has none. No check of rights. */
  columns(table: TableInfo): Promise<StructType>;
  /** The Delta table behind a managed one, `undefined` for others. No check of rights. */
  describe(table: TableInfo): Promise<TableDescription | undefined>;

  createCatalog(catalog: NewContainer, caller: Caller): Promise<CatalogInfo>;
  createSchema(schema: NewContainer, caller: Caller, defaults?: NameDefaults): Promise<SchemaInfo>;
  createView(view: NewView, caller: Caller, defaults?: NameDefaults): Promise<TableInfo>;
  /**
   * Drops a catalog, schema, table or view with its grants, tags and files.
   * @throws GatewayError `caller_invalid_state` where something is in it and `cascade` was not said.
   */
  drop(securable: Securable, caller: Caller, options?: DropOptions): Promise<void>;
  /** Changes owner, comment and tags. */
  update(securable: Securable, update: ObjectUpdate, caller: Caller): Promise<void>;
  /** Changes columns and properties of a managed table. */
  alterTable(name: readonly string[], change: TableChange, caller: Caller, defaults?: NameDefaults): Promise<TableInfo>;

  /**
   * Grants on the object itself, then those inherited from above. Who may not manage the object gets
   * only what concerns the caller: its own name, its groups, everyone.
   */
  grants(securable: Securable, caller: Caller): Grant[];
  /** Grants and revokes, all or nothing. @throws GatewayError `policy_forbidden` for who may not manage the object. */
  changeGrants(securable: Securable, changes: readonly GrantChange[], caller: Caller): Promise<void>;
}

export interface DropOptions {
  readonly ifExists?: boolean | undefined;
  readonly cascade?: boolean | undefined;
  /** Refuses a view where a table was named, and a table where a view was. */
  readonly expect?: 'table' | 'view' | undefined;
}

/** What an incomplete name is completed with. */
export interface NameDefaults {
  readonly catalog: string;
  readonly schema: string;
}

export const DEFAULT_NAMES: NameDefaults = { catalog: 'main', schema: 'default' };
