import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Lake, TableRef } from '../lake/lake.ts';
import { matchTable } from '../otel/match-table.ts';
import type { OtelSchemaVersion, Signal } from '../otel/signal.ts';
import { otelProperties, otelSchema, tableSuffixes } from '../otel/tables.ts';
import { ADMINS, type Caller } from '../unity/caller.ts';
import { DEFAULT_NAMES, type Catalog, type TableInfo } from '../unity/catalog.ts';

/** Headers that name the table, the first one wins (unity-ai-gateway 9.1). */
const TABLE_HEADERS = ['x-databricks-uc-table-name', 'x-databricks-zerobus-table-name'] as const;
/** How long a table's columns are believed, milliseconds. */
const FRESH_MS = 2_000;
/** How long they are believed while the lake cannot be asked; nothing alters tables then. */
const STALE_MS = 60_000;
const MAX_REMEMBERED = 1_000;

/** Makes the default tables. */
const GATEWAY: Caller = { userName: ADMINS, groups: [ADMINS] };

/** A table that a request's rows go to. */
export interface OtlpTarget {
  readonly table: TableRef;
  readonly version: OtelSchemaVersion;
}

interface Remembered {
  readonly version: OtelSchemaVersion;
  /** When the lake was asked, by `now`. */
  readonly at: number;
}

export interface OtlpTablesOptions {
  readonly catalog: Catalog;
  readonly lake: Pick<Lake, 'describe'>;
  /** Milliseconds, never going back. */
  readonly now?: () => number;
}

/** Finds the tables that export requests name, checks rights and columns, and makes the default ones. */
export class OtlpTables {
  readonly #catalog: Catalog;
  readonly #lake: Pick<Lake, 'describe'>;
  readonly #now: () => number;
  /** By signal and id of the table. */
  readonly #remembered = new Map<string, Remembered>();
  readonly #asked = new Map<string, Promise<OtelSchemaVersion>>();
  readonly #making = new Map<Signal, Promise<TableInfo>>();

  constructor({ catalog, lake, now = () => performance.now() }: OtlpTablesOptions) {
    this.#catalog = catalog;
    this.#lake = lake;
    this.#now = now;
  }

  /**
   * The table that the request's header names.
   * @throws GatewayError `caller_invalid_parameter` without a header, or with one that is not a name of three
   *   parts; as `Catalog.writable`; `caller_table_unfit`.
   */
  async named(signal: Signal, headers: IncomingHttpHeaders, caller: Caller): Promise<OtlpTarget> {
    const name = tableName(headers);
    if (name === undefined)
      throw new GatewayError(
        'caller_invalid_parameter',
        `The header X-Databricks-UC-Table-Name is missing. Set it to the table for ${signal}: catalog.schema.prefix_${tableSuffixes[signal]}.`,
        { param: 'X-Databricks-UC-Table-Name' },
      );
    return this.#target(signal, await this.#catalog.writable(name, caller));
  }

  /**
   * As `named`, but without a header the default table, which is made when it is missing. It belongs to the
   * admins, and every user may write to it without a grant as long as it does; reading needs one.
   */
  async namedOrDefault(signal: Signal, headers: IncomingHttpHeaders, caller: Caller): Promise<OtlpTarget> {
    if (tableName(headers) !== undefined) return this.named(signal, headers, caller);
    const name = [DEFAULT_NAMES.catalog, DEFAULT_NAMES.schema, tableSuffixes[signal]];
    const info = this.#catalog.find(name) ?? (await this.#make(signal, name));
    const open = info.kind === 'MANAGED' && info.owner === ADMINS;
    return this.#target(signal, open ? info : await this.#catalog.writable(name, caller));
  }

  async #make(signal: Signal, name: readonly string[]): Promise<TableInfo> {
    let making = this.#making.get(signal);
    if (making === undefined) {
      const table = {
        name,
        schema: otelSchema(signal, 'v1'),
        properties: otelProperties('v1'),
        comment: `OpenTelemetry ${signal} sent to /v1/${signal} without the name of a table.`,
        ifNotExists: true,
      };
      making = this.#catalog.createTable(table, GATEWAY).finally(() => this.#making.delete(signal));
      this.#making.set(signal, making);
    }
    return making;
  }

  async #target(signal: Signal, info: TableInfo): Promise<OtlpTarget> {
    const { table } = info;
    const name = [info.catalog, info.schema, info.name];
    if (table === undefined) throw new GatewayError('caller_table_unfit', `'${name.join('.')}' is not a table.`);
    try {
      return { table, version: await this.#version(signal, table) };
    } catch (error) {
      // Senders keep their records for a storage that is away, but not for a table that was dropped.
      const isKnown = isNotFound(error) && this.#catalog.find(name)?.table?.id === table.id;
      throw isKnown ? away(name, error) : error;
    }
  }

  async #version(signal: Signal, table: TableRef): Promise<OtelSchemaVersion> {
    const key = `${signal} ${table.id}`;
    const known = this.#remembered.get(key);
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#now() - known.at;
    if (known !== undefined && age < FRESH_MS) return known.version;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#ask(signal, table, key).finally(() => this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    try {
      return await asked;
    } catch (error) {
      const unreachable = error instanceof GatewayError && error.code === 'gateway_lake_unavailable';
      if (unreachable && known !== undefined && age < STALE_MS) return known.version;
      throw error;
    }
  }

  async #ask(signal: Signal, { location }: TableRef, key: string): Promise<OtelSchemaVersion> {
    const at = this.#now();
    const { schema, properties } = await this.#lake.describe(location);
    const { version } = matchTable(signal, schema, properties);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, { version, at });
    return version;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'caller_table_not_found';
}

function away(name: readonly string[], cause: unknown): GatewayError {
  return new GatewayError(
    'gateway_lake_unavailable',
    `The table '${name.join('.')}' is in the catalog, but its files are not in the lake at the moment. Try again.`,
    { retryAfterSeconds: 5, cause },
  );
}

/** The name in the headers in its three parts, `undefined` without one. Parts may stand in backticks. */
function tableName(headers: IncomingHttpHeaders): string[] | undefined {
  const header = TABLE_HEADERS.find((each) => headers[each] !== undefined);
  if (header === undefined) return undefined;
  const text = headerText(String(headers[header])).trim();
  const parts = text.match(/`(?:[^`]|``)*`|[^.`]+/g) ?? [];
  if (parts.length === 3 && parts.join('.') === text)
    return parts.map((part) => (part.startsWith('`') ? part.slice(1, -1).replaceAll('``', '`') : part));
  throw new GatewayError(
    'caller_invalid_parameter',
    `The header ${header} is '${text.slice(0, 200)}'. It must be one name of three parts: catalog.schema.table.`,
    { param: header },
  );
}

/** Node gives the bytes of a header as Latin-1; names that are not ASCII are sent as UTF-8. */
function headerText(value: string): string {
  const text = Buffer.from(value, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? value : text;
}
