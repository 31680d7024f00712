import { fileURLToPath } from 'node:url';
import type { SqlConfig } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Lake, Scan, ScanRequest } from '../../lake/lake.ts';
import type { StructType } from '../../lake/schema/delta-type.ts';
import { LakePlace } from '../../lake/testing/lake-place.ts';
import { isAdmin, type Caller } from '../../unity/caller.ts';
import {
  DEFAULT_NAMES,
  type Catalog,
  type NameDefaults,
  type ReadableTable,
  type TableInfo,
} from '../../unity/catalog.ts';
import { EMPTY_RESULT, type ResultTable } from '../../unity/result-table.ts';
import { DuckdbSqlEngine } from '../duckdb-sql-engine.ts';

const processFile = fileURLToPath(new URL('../../processes/sql-process.ts', import.meta.url));
const MIB = 1024 * 1024;

export const admin: Caller = { userName: 'root@example.com', groups: ['admins'] };
export const ann: Caller = { userName: 'ann@example.com', groups: [] };
export const bob: Caller = { userName: 'bob@example.com', groups: [] };

interface Entry {
  readonly info: TableInfo;
  readonly rows: ResultTable | undefined;
}

/** A SQL engine with real processes over a real lake, and a catalog of a few names. */
export class SqlPlace {
  readonly lake: LakePlace;
  readonly engine: DuckdbSqlEngine<string>;
  readonly limits: { -readonly [Key in keyof SqlConfig]: SqlConfig[Key] };
  /** What the engine asked the lake for. */
  readonly scans: ScanRequest[] = [];
  readonly #entries = new Map<string, Entry>();

  private constructor(lake: LakePlace, limits: Partial<SqlConfig>) {
    this.lake = lake;
    this.limits = {
      timeoutMs: 60_000,
      memoryLimitBytes: 512 * MIB,
      maxRows: 1_000,
      maxResultBytes: 8 * MIB,
      concurrency: 2,
      queue: 100,
      ...limits,
    };
    this.engine = new DuckdbSqlEngine<string>({
      catalog: this.#catalog(),
      lake: this.#recorded(),
      executor: { execute: async () => EMPTY_RESULT },
      parseStatement: (sql) => (/^\s*create\s/i.test(sql) ? sql : undefined),
      config: () => this.limits,
      processFile,
      log: () => {},
    });
  }

  static async make(limits: Partial<SqlConfig> = {}): Promise<SqlPlace> {
    return new SqlPlace(await LakePlace.make(), limits);
  }

  async remove(): Promise<void> {
    await this.engine.close();
    await this.lake.remove();
  }

  /** @param name three parts with dots. */
  async table(name: string, schema: StructType, rows: readonly object[], info: Partial<TableInfo> = {}): Promise<void> {
    const table = await this.lake.table(name.replaceAll('.', '/'), schema);
    if (rows.length > 0) await this.lake.append(table, rows);
    this.#add(name, { kind: 'MANAGED', table, ...info });
  }

  /** Adds rows as a version of its own. */
  async append(name: string, rows: readonly object[]): Promise<void> {
    await this.lake.append(this.#entries.get(name)!.info.table!, rows);
  }

  view(name: string, viewText: string, info: Partial<TableInfo> = {}): void {
    this.#add(name, { kind: 'VIEW', viewText, ...info });
  }

  rows(name: string, rows: ResultTable): void {
    this.#add(name, { kind: 'VIRTUAL' }, rows);
  }

  async rowsOf(sql: string, caller: Caller = admin): Promise<readonly (readonly (string | null)[])[]> {
    return (await this.engine.execute({ sql, caller })).rows;
  }

  /** The error of a statement that must fail. */
  async errorOf(sql: string, caller: Caller = admin): Promise<GatewayError> {
    const outcome = await this.engine.execute({ sql, caller }).catch((error: unknown) => error);
    if (outcome instanceof GatewayError) return outcome;
    throw new Error(
      `No GatewayError for ${sql.slice(0, 200)} but ${JSON.stringify(outcome).slice(0, 500)} ${String(outcome).slice(0, 500)}`,
    );
  }

  #add(fullName: string, info: Partial<TableInfo> & Pick<TableInfo, 'kind'>, rows?: ResultTable): void {
    const [catalog, schema, name] = fullName.split('.') as [string, string, string];
    const base = { comment: undefined, tags: {}, createdAt: 0, createdBy: 'x', updatedAt: 0, builtIn: false };
    const kind = { table: undefined, viewText: undefined, ownRowsColumn: undefined };
    this.#entries.set(fullName, {
      info: { ...base, ...kind, owner: admin.userName, catalog, schema, name, ...info },
      rows,
    });
  }

  #recorded(): Lake {
    const { lake } = this.lake;
    const scan = (location: string, request?: ScanRequest): Promise<Scan> => {
      this.scans.push(request ?? {});
      return lake.scan(location, request);
    };
    return new Proxy<Lake>(lake, {
      get: (target, key) =>
        key === 'scan' ? scan : (target[key as keyof Lake] as (...args: unknown[]) => unknown).bind(target),
    });
  }

  #catalog(): Catalog {
    const readable = async (
      name: readonly string[],
      caller: Caller,
      defaults: NameDefaults = DEFAULT_NAMES,
    ): Promise<ReadableTable> => {
      const full = [defaults.catalog, defaults.schema]
        .slice(0, 3 - name.length)
        .concat(name)
        .join('.')
        .toLowerCase();
      const entry = this.#entries.get(full);
      if (!entry) throw new GatewayError('caller_table_not_found', `[TABLE_OR_VIEW_NOT_FOUND] ${full}`);
      const all = isAdmin(caller) || entry.info.owner === caller.userName || entry.info.comment === 'public';
      if (!all && entry.info.ownRowsColumn === undefined)
        throw new GatewayError('policy_forbidden', `[INSUFFICIENT_PERMISSIONS] SELECT on ${full}`);
      return { info: entry.info, ownRowsColumn: all ? undefined : entry.info.ownRowsColumn, rows: entry.rows };
    };
    return { readable } as Catalog;
  }
}
