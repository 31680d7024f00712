import { GatewayError } from '../errors/gateway-error.ts';
import type { Lake, Scan, ScanFilter, TableVersion } from '../lake/lake.ts';
import { ADMINS, type Caller } from '../unity/caller.ts';
import type { Catalog, NameDefaults, ReadableTable, TableInfo } from '../unity/catalog.ts';
import { relationName, type PlanRequest, type QueryPlan, type TableReference } from './plan/query-plan.ts';
import type { RelationSource } from './process-calls.ts';
import { pruneFilters } from './prune-filters.ts';

/** Views over views over views. */
const DEEPEST = 16;
const MOST_RELATIONS = 500;

export interface ResolverOptions {
  readonly catalog: Catalog;
  readonly lake: Lake;
  plan(request: PlanRequest, number: number): Promise<QueryPlan>;
  /** Groups of a user, for views that run with their owner's rights. */
  groupsOf(userName: string): readonly string[];
}

/** Whose rights the tables of a query are read with, and how their names are completed. */
interface Reading {
  readonly rights: Caller;
  readonly defaults: NameDefaults;
  readonly depth: number;
}

/**
 * Finds the tables of a query for a caller: checks the rights, opens views (what is below them is read with
 * their owner's rights), asks the lake for the files.
 */
export class RelationResolver {
  readonly #options: ResolverOptions;
  readonly #caller: Caller;
  readonly #relations: RelationSource[] = [];
  #plans = 0;

  constructor(options: ResolverOptions, caller: Caller) {
    this.#options = options;
    this.#caller = caller;
  }

  /**
   * Plans a statement and finds what it reads.
   * @throws GatewayError as `Catalog.readable`, `Lake.scan` and the planning.
   */
  async resolve(request: PlanRequest): Promise<{ sql: string; relations: readonly RelationSource[] }> {
    const sql = await this.#query(request, { rights: this.#caller, defaults: request.defaults, depth: 0 });
    return { sql, relations: this.#relations };
  }

  async #query(request: PlanRequest, reading: Reading): Promise<string> {
    const number = this.#plans;
    this.#plans += 1;
    const { sql, tables } = await this.#options.plan(request, number);
    for (const [index, table] of tables.entries()) {
      const relation = await this.#relation(relationName(number, index), table, reading);
      if (this.#relations.push(relation) > MOST_RELATIONS)
        throw new GatewayError('caller_sql_refused', `A statement may read ${MOST_RELATIONS} tables at most.`);
    }
    return sql;
  }

  async #relation(name: string, table: TableReference, reading: Reading): Promise<RelationSource> {
    const readable = await this.#options.catalog.readable(table.name, reading.rights, reading.defaults);
    const { info, rows } = readable;
    const column = await this.#ownRows(readable, reading);
    const onlyRows = column === undefined ? undefined : { column, value: this.#caller.userName };
    if (table.at !== undefined && info.kind !== 'MANAGED') throw noTravel(info);
    if (info.kind === 'VIRTUAL')
      return { kind: 'rows', name, onlyRows, rows: rows ?? { columns: [], rows: [], truncated: false } };
    if (info.kind === 'VIEW')
      return { kind: 'view', name, onlyRows, apart: this.#isForeign(info), sql: await this.#view(info, reading) };
    const { sql, paths } = await this.#scan(info, table, onlyRows);
    return { kind: 'scan', name, onlyRows, sql, paths };
  }

  /** Whoever's rights open a table with own rows: which of them are seen is the caller's matter. */
  async #ownRows({ info, ownRowsColumn }: ReadableTable, { rights }: Reading): Promise<string | undefined> {
    if (info.ownRowsColumn === undefined || rights === this.#caller) return ownRowsColumn;
    const name = [info.catalog, info.schema, info.name];
    const own = await this.#options.catalog.readable(name, this.#caller).catch(() => undefined);
    return own === undefined ? info.ownRowsColumn : own.ownRowsColumn;
  }

  #isForeign({ builtIn, owner }: TableInfo): boolean {
    return !builtIn && owner !== this.#caller.userName;
  }

  async #view(info: TableInfo, reading: Reading): Promise<string> {
    if (reading.depth >= DEEPEST)
      throw new GatewayError(
        'caller_sql_refused',
        `[RECURSIVE_VIEW] ${fullName(info)} is more than ${DEEPEST} views deep, or refers to itself.`,
      );
    const defaults = { catalog: info.catalog, schema: info.schema };
    const request: PlanRequest = {
      sql: info.viewText ?? '',
      userName: this.#caller.userName,
      defaults,
      parameters: [],
    };
    const groups = info.builtIn ? [ADMINS] : [info.owner, ...this.#options.groupsOf(info.owner)];
    return this.#query(request, { rights: { userName: info.owner, groups }, defaults, depth: reading.depth + 1 });
  }

  async #scan(
    info: TableInfo,
    { at, conditions }: TableReference,
    onlyRows: RelationSource['onlyRows'],
  ): Promise<Scan> {
    const { lake } = this.#options;
    const location = info.table?.location;
    if (location === undefined) throw new Error(`The table ${fullName(info)} has no place.`);
    if (conditions.length === 0 && onlyRows === undefined) return lake.scan(location, at === undefined ? {} : { at });
    // The version is fixed, so that the filters fit the columns of what is read.
    const { version, schema } = await lake.describe(location, at);
    const filters: ScanFilter[] = pruneFilters(conditions, schema);
    if (onlyRows)
      filters.push(
        ...pruneFilters(
          [{ column: [onlyRows.column], operator: '=', values: [onlyRows.value], valueType: 'string' }],
          schema,
        ),
      );
    return lake.scan(location, { at: { version } satisfies TableVersion, filters });
  }
}

function noTravel(info: TableInfo): GatewayError {
  return new GatewayError(
    'caller_sql_refused',
    `[UNSUPPORTED_FEATURE.TIME_TRAVEL] ${fullName(info)} is not a table with versions.`,
  );
}

function fullName({ catalog, schema, name }: TableInfo): string {
  return `${catalog}.${schema}.${name}`;
}
