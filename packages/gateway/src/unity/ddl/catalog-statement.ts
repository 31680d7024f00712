import type { TableChange } from '../../lake/lake.ts';
import type { StructType } from '../../lake/schema/delta-type.ts';
import type { Privilege, Securable } from '../securable.ts';

/**
 * A statement about the catalog, as `parseStatement` reads it. Names have the parts that were written, in
 * the case that was written; missing parts come from the caller's defaults.
 */
export type CatalogStatement =
  | CreateContainer
  | CreateTable
  | CreateView
  | Drop
  | AlterTable
  | AlterObject
  | CommentOnColumn
  | ShowList
  | ShowGrants
  | ShowTable
  | Describe
  | ChangeGrant
  | Optimize
  | Vacuum
  | Use;

/** CREATE CATALOG, CREATE SCHEMA. */
export interface CreateContainer {
  readonly kind: 'create-catalog' | 'create-schema';
  readonly name: readonly string[];
  readonly ifNotExists: boolean;
  readonly comment: string | undefined;
}

export interface CreateTable {
  readonly kind: 'create-table';
  readonly name: readonly string[];
  readonly ifNotExists: boolean;
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly comment: string | undefined;
}

export interface CreateView {
  readonly kind: 'create-view';
  readonly name: readonly string[];
  readonly ifNotExists: boolean;
  readonly replace: boolean;
  readonly comment: string | undefined;
  /** The SELECT, as it was written. */
  readonly text: string;
}

export interface Drop {
  readonly kind: 'drop';
  readonly securable: Securable;
  /** For tables and views: which of the two was named. */
  readonly expect: 'table' | 'view' | undefined;
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

/** ALTER TABLE with a change of columns or properties. */
export interface AlterTable {
  readonly kind: 'alter-table';
  readonly name: readonly string[];
  readonly change: TableChange;
}

/** Owner, tags and comments of any object. */
export interface AlterObject {
  readonly kind: 'alter-object';
  readonly securable: Securable;
  readonly owner?: string;
  /** `null` takes it away. */
  readonly comment?: string | null;
  readonly setTags?: Readonly<Record<string, string>>;
  readonly unsetTags?: readonly string[];
}

/** COMMENT ON COLUMN: the table's name and the column in one, the column last. */
export interface CommentOnColumn {
  readonly kind: 'comment-on-column';
  readonly name: readonly string[];
  readonly comment: string | undefined;
}

/** SHOW of names in something. */
export interface ShowList {
  readonly kind: 'show-catalogs' | 'show-schemas' | 'show-tables' | 'show-views';
  /** Catalog or schema to look in; `undefined` for the default one. */
  readonly within: readonly string[] | undefined;
  /** `*` stands for anything, `|` separates alternatives. */
  readonly pattern: string | undefined;
}

export interface ShowGrants {
  readonly kind: 'show-grants';
  readonly securable: Securable;
  readonly principal: string | undefined;
}

/** SHOW of something of one table. */
export interface ShowTable {
  readonly kind: 'show-columns' | 'show-tblproperties' | 'show-create-table';
  readonly name: readonly string[];
  /** Of SHOW TBLPROPERTIES: only this one. */
  readonly key: string | undefined;
}

export interface Describe {
  readonly kind: 'describe-table' | 'describe-history' | 'describe-detail' | 'describe-catalog' | 'describe-schema';
  readonly name: readonly string[];
  readonly extended: boolean;
  /** Of DESCRIBE HISTORY: rows at most. */
  readonly limit: number | undefined;
}

export interface ChangeGrant {
  readonly kind: 'grant' | 'revoke';
  readonly privileges: readonly Privilege[];
  readonly securable: Securable;
  readonly principal: string;
}

export interface Optimize {
  readonly kind: 'optimize';
  readonly name: readonly string[];
}

export interface Vacuum {
  readonly kind: 'vacuum';
  readonly name: readonly string[];
  readonly retentionHours: number | undefined;
  readonly dryRun: boolean;
}

/**
 * USE: is checked and answered, and lasts no longer than the statement, since statements share no session.
 * Callers say their catalog and schema with each request.
 */
export interface Use {
  readonly kind: 'use';
  /** What must be there. */
  readonly securable: Securable;
}
