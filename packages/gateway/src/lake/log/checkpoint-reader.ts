import { GatewayError } from '../../errors/gateway-error.ts';
import { asRecord, asText, parseJson, type JsonRecord } from '../../lib/json-value.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { ParquetEngine } from '../parquet/engine.ts';
import { sqlList, sqlName } from '../parquet/sql-text.ts';
import { readAction, readAdd } from './action-reader.ts';
import type { Action } from './actions.ts';
import { literalPath } from './literal-path.ts';
import { linesOf, parseActions } from './log-entry.ts';
import { SIDECAR_DIRECTORY } from './log-file-name.ts';
import type { Checkpoint } from './log-listing.ts';

/** Small actions, and the field that says whether a row holds one: some writers give structs of nulls for none. */
const smallActions = {
  protocol: 'minReaderVersion',
  metaData: 'id',
  txn: 'appId',
  domainMetadata: 'domain',
  sidecar: 'path',
};

const addFields = [
  'path',
  'partitionValues',
  'size',
  'modificationTime',
  'dataChange',
  'tags',
  'deletionVector',
  'baseRowId',
  'defaultRowCommitVersion',
  'clusteringProvider',
];

const removeFields = [
  'path',
  'deletionTimestamp',
  'dataChange',
  'extendedFileMetadata',
  'partitionValues',
  'size',
  'deletionVector',
  'baseRowId',
  'defaultRowCommitVersion',
];

/** Maps that count as empty where they are missing. Every row has this one, of most tables an empty one. */
const emptyByDefault = new Set(['add.partitionValues']);

/** Types of columns by name. */
type Columns = ReadonlyMap<string, string>;

/**
 * Reads checkpoints of every kind: V1 in one or several Parquet files, V2 in Parquet or JSON with or without
 * sidecars (PROTOCOL.md, "Checkpoints").
 */
export class CheckpointReader {
  readonly #store: ObjectStore;
  readonly #directory: string;
  readonly #engine: ParquetEngine;

  constructor(store: ObjectStore, directory: string, engine: ParquetEngine) {
    this.#store = store;
    this.#directory = directory;
    this.#engine = engine;
  }

  /** All actions of a checkpoint. Fails where a file of it is missing or damaged. */
  async read(checkpoint: Checkpoint): Promise<Action[]> {
    const { actions, sidecars } =
      checkpoint.format === 'json' ? await this.#readJson(checkpoint) : await this.#readParquet(checkpoint.names);
    if (sidecars.length === 0) return actions;
    const names = sidecars.map((path) => `${SIDECAR_DIRECTORY}/${fileNameOf(path)}`);
    return [...actions, ...(await this.#readParquet(names)).actions];
  }

  async #readJson(checkpoint: Checkpoint): Promise<{ actions: Action[]; sidecars: string[] }> {
    const bytes = await this.#store.get(`${this.#directory}/${checkpoint.names[0]!}`);
    if (!bytes) throw damaged(checkpoint.version);
    const sidecars = linesOf(bytes).map((line) => asText(asRecord(asRecord(parseJson(line))?.['sidecar'])?.['path']));
    return {
      actions: parseActions(bytes, `the checkpoint of version ${checkpoint.version}`),
      sidecars: sidecars.filter((path) => path !== undefined),
    };
  }

  async #readParquet(names: readonly string[]): Promise<{ actions: Action[]; sidecars: string[] }> {
    const paths = await Promise.all(names.map((name) => this.#store.localPath(`${this.#directory}/${name}`)));
    const source = `read_parquet(${sqlList(paths.map(literalPath))}, union_by_name = ${paths.length > 1}, hive_partitioning = false)`;
    const columns = await this.#columns(`SELECT * FROM ${source}`);
    const [small, adds, removes] = await Promise.all([
      this.#readSmall(source, columns),
      columns.has('add') ? this.#readAdds(source) : [],
      columns.has('remove') ? this.#readRemoves(source) : [],
    ]);
    return { actions: [...small.actions, ...adds, ...removes], sidecars: small.sidecars };
  }

  async #readSmall(source: string, columns: Columns): Promise<{ actions: Action[]; sidecars: string[] }> {
    const selects = Object.entries(smallActions)
      .filter(([kind]) => columns.has(kind))
      .map(
        ([kind, key]) =>
          `SELECT '${kind}' AS kind, to_json(${sqlName(kind)})::VARCHAR AS body FROM ${source} WHERE ${sqlName(kind)}.${sqlName(key)} IS NOT NULL`,
      );
    if (selects.length === 0) return { actions: [], sidecars: [] };
    const actions: Action[] = [];
    const sidecars: string[] = [];
    for (const { kind, body } of await this.#engine.rows(selects.join(' UNION ALL '))) {
      const value: unknown = JSON.parse(body as string);
      const action = readAction({ [kind as string]: value });
      if (action) actions.push(action);
      else sidecars.push(asText(asRecord(value)?.['path']) ?? '');
    }
    return { actions, sidecars };
  }

  async #readAdds(source: string): Promise<Action[]> {
    const fields = await this.#columns(`SELECT "add".* FROM ${source}`);
    const sql = `SELECT ${statistics(fields)} AS stats, ${fieldsOf('add', addFields, fields)} FROM ${source} WHERE "add"."path" IS NOT NULL`;
    const rows = await this.#engine.rows(sql);
    return rows.map((row) => ({ add: readAdd(recordOf(row)) }));
  }

  async #readRemoves(source: string): Promise<Action[]> {
    const fields = await this.#columns(`SELECT "remove".* FROM ${source}`);
    const sql = `SELECT ${fieldsOf('remove', removeFields, fields)} FROM ${source} WHERE "remove"."path" IS NOT NULL`;
    const rows = await this.#engine.rows(sql);
    return rows.map((row) => readAction({ remove: recordOf(row) })!);
  }

  async #columns(query: string): Promise<Columns> {
    const rows = await this.#engine.rows(`DESCRIBE ${query}`);
    return new Map(rows.map((row) => [String(row['column_name']), String(row['column_type'])]));
  }
}

/** Statistics as JSON text. Tables may keep them as a struct alone: then only the count of rows is taken. */
function statistics(fields: Columns): string {
  const text = fields.has('stats') ? '"add"."stats"' : 'NULL';
  if (!/\bnumRecords\b/.test(fields.get('stats_parsed') ?? '')) return text;
  return `coalesce(${text}, '{"numRecords":' || "add"."stats_parsed"."numRecords" || '}')`;
}

/**
 * The wanted fields that there are, as columns: to make JSON of them and to parse it costs several times as much. Only
 * the fields of maps and structs are JSON, all in one column and only in rows that have any. Numbers beyond 2^53 stay
 * beyond it, and are refused.
 */
function fieldsOf(column: string, wanted: readonly string[], types: Columns): string {
  const plain: string[] = [];
  const nested: string[] = [];
  const hasNested: string[] = [];
  for (const name of wanted) {
    const type = types.get(name);
    if (type === undefined) continue;
    const field = `"${column}".${sqlName(name)}`;
    if (/^(?:MAP|STRUCT)\(/.test(type)) {
      nested.push(`${sqlName(name)} := ${field}`);
      hasNested.push(emptyByDefault.has(`${column}.${name}`) ? `cardinality(${field}) > 0` : `${field} IS NOT NULL`);
    } else plain.push(`${field}${type.includes('INT') ? '::DOUBLE' : ''} AS ${sqlName(name)}`);
  }
  if (nested.length === 0) return plain.join(', ');
  const body = `CASE WHEN ${hasNested.join(' OR ')} THEN to_json(struct_pack(${nested.join(', ')}))::VARCHAR END`;
  return [...plain, `${body} AS nested`].join(', ');
}

/** The fields of an action from a row with columns as `fieldsOf` gives them. */
function recordOf({ nested, ...plain }: JsonRecord): JsonRecord {
  return typeof nested === 'string' ? { ...plain, ...asRecord(JSON.parse(nested)) } : plain;
}

/** Sidecars always lie in their own directory, whatever path is written. */
function fileNameOf(path: string): string {
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}

function damaged(version: number): GatewayError {
  return new GatewayError('gateway_lake_unavailable', `The checkpoint of version ${version} cannot be read.`);
}
