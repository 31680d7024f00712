import { GatewayError } from '../errors/gateway-error.ts';
import type { Lake, Scan, ScanFilter, TableVersion } from '../lake/lake.ts';
import { ADMINS, type Caller } from '../unity/caller.ts';
import type { Catalog, NameDefaults, ReadableTable, TableInfo } from '../unity/catalog.ts';
import { passConditions } from './plan/pass-conditions.ts';
import {
  relationName,
  type PlanRequest,
  type QueryPlan,
  type ScanCondition,
  type TableReference,
} from './plan/query-plan.ts';
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
    const reading = { rights: this.#caller, defaults: request.defaults, depth: 0 };
    const { sql } = await this.#query(request, reading, []);
    return { sql, relations: this.#relations };
  }

  /** @param conditions that rows of the result must meet to matter. */
  async #query(request: PlanRequest, reading: Reading, conditions: readonly ScanCondition[]): Promise<Resolved> {
    const number = this.#plans;
    this.#plans += 1;
    const plan = await this.#options.plan(request, number);
    let own = true;
    for (const [index, table] of passConditions(plan, conditions).entries()) {
      const relation = await this.#relation(relationName(number, index), table, reading);
      own &&= relation.own;
      if (this.#relations.push(relation.source) > MOST_RELATIONS)
        throw new GatewayError('caller_sql_refused', `A statement may read ${MOST_RELATIONS} tables at most.`);
    }
    return { sql: plan.sql, own };
  }

  async #relation(
    name: string,
    table: TableReference,
    reading: Reading,
  ): Promise<{ source: RelationSource; own: boolean }> {
    const readable = await this.#options.catalog.readable(table.name, reading.rights, reading.defaults);
    const { info, rows } = readable;
    const column = await this.#ownRows(readable, reading);
    const onlyRows = column === undefined ? undefined : { column, value: this.#caller.userName };
    if (table.at !== undefined && info.kind !== 'MANAGED') throw noTravel(info);
    if (info.kind === 'VIRTUAL') {
      const known = rows ?? { columns: [], rows: [], truncated: false };
      return { source: { kind: 'rows', name, onlyRows, rows: known }, own: onlyRows !== undefined };
    }
    if (info.kind === 'VIEW') return this.#viewRelation(name, info, table, reading, onlyRows);
    const { sql, paths, columns } = await this.#scan(info, table, onlyRows);
    const apart = onlyRows !== undefined;
    return { source: { kind: 'scan', name, onlyRows, apart, columns, sql, paths }, own: apart };
  }

  /** Computed apart where the statement could else learn of rows that are not shown. */
  async #viewRelation(
    name: string,
    info: TableInfo,
    { conditions }: TableReference,
    reading: Reading,
    onlyRows: RelationSource['onlyRows'],
  ): Promise<{ source: RelationSource; own: boolean }> {
    const foreign = this.#isForeign(info);
    const passed = onlyRows ? [...conditions, equals(onlyRows)] : conditions;
    const { sql, own } = await this.#view(info, reading, foreign ? [] : passed);
    const apart = foreign || (onlyRows !== undefined && !own);
    return { source: { kind: 'view', name, onlyRows, apart, sql }, own: own || onlyRows !== undefined };
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

  async #view(info: TableInfo, reading: Reading, conditions: readonly ScanCondition[]): Promise<Resolved> {
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
    const rights = { userName: info.owner, groups };
    return this.#query(request, { rights, defaults, depth: reading.depth + 1 }, conditions);
  }

  async #scan(
    info: TableInfo,
    reference: TableReference,
    onlyRows: RelationSource['onlyRows'],
  ): Promise<Scan & { columns?: readonly string[] | undefined }> {
    try {
      return await this.#scanFiles(info, reference, onlyRows);
    } catch (cause) {
      if (!(cause instanceof GatewayError) || cause.code !== 'caller_table_not_found') throw cause;
      const message = `The table '${fullName(info)}' is in the catalog, but its files are not in the lake at the moment.`;
      throw new GatewayError('gateway_lake_unavailable', message, { retryAfterSeconds: 5, cause });
    }
  }

  async #scanFiles(
    info: TableInfo,
    { at, conditions, mentioned }: TableReference,
    onlyRows: RelationSource['onlyRows'],
  ): Promise<Scan & { columns?: readonly string[] | undefined }> {
    const { lake } = this.#options;
    const location = info.table?.location;
    if (location === undefined) throw new Error(`The table ${fullName(info)} has no place.`);
    if (conditions.length === 0 && onlyRows === undefined) return lake.scan(location, at === undefined ? {} : { at });
    // The version is fixed, so that the filters fit the columns of what is read.
    const { version, schema } = await lake.describe(location, at);
    const filters: ScanFilter[] = pruneFilters(onlyRows ? [...conditions, equals(onlyRows)] : conditions, schema);
    const scan = await lake.scan(location, { at: { version } satisfies TableVersion, filters });
    if (!onlyRows || !mentioned) return scan;
    const needed = new Set([...mentioned, onlyRows.column.toLowerCase()]);
    return { ...scan, columns: schema.fields.map(({ name }) => name).filter((name) => needed.has(name.toLowerCase())) };
  }
}

/** What a query became. */
interface Resolved {
  readonly sql: string;
  /** It reads nothing but rows that are the caller's own. */
  readonly own: boolean;
}

function equals({ column, value }: NonNullable<RelationSource['onlyRows']>): ScanCondition {
  return { column: [column], operator: '=', values: [value], valueType: 'string' };
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
