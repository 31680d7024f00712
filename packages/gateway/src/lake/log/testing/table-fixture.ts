import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalStore } from '../../object-store/local-store.ts';
import type { ObjectStore } from '../../object-store/object-store.ts';
import { ParquetEngine } from '../../parquet/engine.ts';
import type { Action, AddFile, Metadata } from '../actions.ts';
import { DeltaLog, type CommitRequest } from '../delta-log.ts';
import type { Snapshot } from '../snapshot.ts';

/** With characters that file patterns, URIs and SQL give a meaning to. */
export const LOCATION = "schemas/t[1]*? o'ne%20 ü";

/** A directory for tables, and an engine, for the tests of one file. */
export class LogFixture {
  readonly directory: string;
  readonly engine: ParquetEngine;

  private constructor(directory: string, engine: ParquetEngine) {
    this.directory = directory;
    this.engine = engine;
  }

  static async open(): Promise<LogFixture> {
    const directory = await mkdtemp(path.join(tmpdir(), 'delta-log-'));
    const engine = await ParquetEngine.open({
      memoryLimitBytes: 512 * 1024 * 1024,
      threads: 1,
      temporaryDirectory: path.join(directory, 'temporary'),
    });
    return new LogFixture(directory, engine);
  }

  /** A store of its own for each test. */
  store(): LocalStore {
    return new LocalStore(path.join(this.directory, crypto.randomUUID()));
  }

  log(store: ObjectStore, now?: () => number): DeltaLog {
    return new DeltaLog({ store, location: LOCATION, engine: this.engine, now, engineInfo: 'tests' });
  }

  /** A log of a new empty table. */
  async table(store: ObjectStore, configuration: Record<string, string> = {}, now?: () => number): Promise<DeltaLog> {
    const log = this.log(store, now);
    await log.commit(creation(configuration));
    return log;
  }

  async close(): Promise<void> {
    this.engine.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

export function metadata(configuration: Record<string, string> = {}): Metadata {
  return {
    id: crypto.randomUUID(),
    format: { provider: 'parquet', options: {} },
    schemaString: '{"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}}]}',
    partitionColumns: [],
    configuration,
    createdTime: 1_700_000_000_000,
  };
}

export function creation(configuration: Record<string, string> = {}): CommitRequest {
  return {
    read: undefined,
    actions: [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData: metadata(configuration) }],
    operation: 'CREATE TABLE',
    isBlindAppend: true,
  };
}

export function file(path: string, change: Partial<AddFile> = {}): AddFile {
  return {
    path,
    partitionValues: {},
    size: 10,
    modificationTime: 1,
    dataChange: true,
    stats: '{"numRecords":1}',
    ...change,
  };
}

export function append(read: Snapshot, ...paths: string[]): CommitRequest {
  return { read, actions: paths.map((path) => ({ add: file(path) })), operation: 'WRITE', isBlindAppend: true };
}

/** Takes files out; with `dataChange` as a delete, else as a compaction does. */
export function remove(read: Snapshot, paths: string[], dataChange = true): CommitRequest {
  const actions: Action[] = paths.map((path) => ({ remove: { path, dataChange, deletionTimestamp: Date.now() } }));
  return { read, actions, operation: dataChange ? 'DELETE' : 'OPTIMIZE', isBlindAppend: false };
}

export function paths(snapshot: Snapshot): string[] {
  return snapshot.files.map((one) => one.path).toSorted();
}
