import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { ParquetEngine } from '../parquet/engine.ts';
import { sqlString } from '../parquet/sql-text.ts';
import type { RemoveFile } from './actions.ts';
import { writeLastCheckpoint } from './last-checkpoint.ts';
import { literalPath } from './literal-path.ts';
import { checkpointName } from './log-file-name.ts';
import type { Snapshot } from './snapshot.ts';
import { deletedFileRetention } from './table-properties.ts';

const TEXT_MAP = 'MAP(VARCHAR, VARCHAR)';
const DELETION_VECTOR =
  'STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, "offset" INTEGER, sizeInBytes INTEGER, cardinality BIGINT)';

/** PROTOCOL.md, "Checkpoint Schema". */
const columns = {
  txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',
  add: `STRUCT(path VARCHAR, partitionValues ${TEXT_MAP}, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR, tags ${TEXT_MAP}, deletionVector ${DELETION_VECTOR}, baseRowId BIGINT, defaultRowCommitVersion BIGINT, clusteringProvider VARCHAR)`,
  remove: `STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, partitionValues ${TEXT_MAP}, size BIGINT, deletionVector ${DELETION_VECTOR}, baseRowId BIGINT, defaultRowCommitVersion BIGINT)`,
  metaData: `STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options ${TEXT_MAP}), schemaString VARCHAR, partitionColumns VARCHAR[], configuration ${TEXT_MAP}, createdTime BIGINT)`,
  protocol:
    'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
  domainMetadata: 'STRUCT(domain VARCHAR, configuration VARCHAR, removed BOOLEAN)',
};

/** Lines are gathered to about this many characters before they are written. */
const CHUNK = 1024 * 1024;
/** Few enough that the threads of a reader share a checkpoint of ten thousand files; the file grows by a hundredth. */
const ROWS_PER_GROUP = 4096;
/** DuckDB's own limit for one line of JSON, below which it need not be raised. */
const DEFAULT_LINE_BYTES = 16 * 1024 * 1024;

export interface CheckpointOptions {
  readonly store: ObjectStore;
  /** Key of `_delta_log`. */
  readonly directory: string;
  readonly engine: ParquetEngine;
  /** Milliseconds since 1970: decides which tombstones have expired. */
  readonly now: number;
}

/**
 * Writes a classic V1 checkpoint of the snapshot, one Parquet file, and then the hint to it. Two writers of the
 * same version write the same state; the later one stays.
 */
export async function writeCheckpoint(snapshot: Snapshot, options: CheckpointOptions): Promise<void> {
  const { store, directory, engine } = options;
  const base = path.join(engine.temporaryDirectory, `checkpoint-${crypto.randomUUID()}`);
  const source = `${base}.ndjson`;
  const target = `${base}.parquet`;
  try {
    const { lines, longest } = await writeLines(source, checkpointLines(snapshot, options.now));
    await engine.execute(copyStatement(source, target, longest));
    const [counted] = await engine.rows(
      `SELECT count(*) AS lines FROM read_parquet(${sqlString(literalPath(target))})`,
    );
    if (Number(counted?.['lines']) !== lines) throw incomplete(snapshot.version);
    const sizeInBytes = (await stat(target)).size;
    await store.putFile(`${directory}/${checkpointName(snapshot.version)}`, target);
    await writeLastCheckpoint(store, directory, {
      version: snapshot.version,
      size: lines,
      sizeInBytes,
      numOfAddFiles: snapshot.files.length,
    });
  } finally {
    await Promise.all([rm(source, { force: true }), rm(target, { force: true })]);
  }
}

function* checkpointLines(snapshot: Snapshot, now: number): Generator<string> {
  const { protocol, metadata } = snapshot;
  yield JSON.stringify({
    protocol: {
      minReaderVersion: protocol.minReaderVersion,
      minWriterVersion: protocol.minWriterVersion,
      readerFeatures: protocol.minReaderVersion === 3 ? (protocol.readerFeatures ?? []) : null,
      writerFeatures: protocol.minWriterVersion === 7 ? (protocol.writerFeatures ?? []) : null,
    },
  });
  yield JSON.stringify({ metaData: metadata });
  for (const txn of snapshot.transactions.values()) yield JSON.stringify({ txn });
  for (const domainMetadata of snapshot.domains.values()) yield JSON.stringify({ domainMetadata });
  const keptSince = now - deletedFileRetention(metadata);
  for (const remove of snapshot.tombstones) if (isKept(remove, keptSince)) yield JSON.stringify({ remove });
  for (const add of snapshot.files) yield JSON.stringify({ add });
}

/** Tombstones only serve vacuum and need not be known once it may have deleted their files. */
function isKept(tombstone: RemoveFile, keptSince: number): boolean {
  return (tombstone.deletionTimestamp ?? 0) > keptSince;
}

async function writeLines(file: string, lines: Iterable<string>): Promise<{ lines: number; longest: number }> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'wx', 0o600);
  try {
    let count = 0;
    let longest = 0;
    let chunk = '';
    for (const line of lines) {
      count++;
      longest = Math.max(longest, Buffer.byteLength(line));
      chunk += `${line}\n`;
      if (chunk.length < CHUNK) continue;
      await handle.writeFile(chunk);
      chunk = '';
    }
    await handle.writeFile(chunk);
    return { lines: count, longest };
  } finally {
    await handle.close();
  }
}

function copyStatement(source: string, target: string, longestLine: number): string {
  const types = Object.entries(columns).map(([name, type]) => `"${name}": ${sqlString(type)}`);
  const lineBytes = Math.max(DEFAULT_LINE_BYTES, longestLine + 1024);
  const rows = `read_json(${sqlString(literalPath(source))}, format = 'newline_delimited', auto_detect = false, compression = 'uncompressed', maximum_object_size = ${lineBytes}, columns = {${types.join(', ')}})`;
  return `COPY (SELECT * FROM ${rows}) TO ${sqlString(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROWS_PER_GROUP})`;
}

function incomplete(version: number): GatewayError {
  return new GatewayError(
    'gateway_lake_unavailable',
    `The checkpoint of version ${version} came out incomplete and was thrown away.`,
  );
}
