import { GatewayError } from '../../errors/gateway-error.ts';
import type { CommitSummary, TableVersion } from '../lake.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { ParquetEngine } from '../parquet/engine.ts';
import type { Action } from './actions.ts';
import { writeCheckpoint } from './checkpoint-writer.ts';
import { writeCommit } from './commit-writer.ts';
import { checkConflict, transactionVersion } from './conflict.ts';
import { readHistory } from './history.ts';
import { readLastCheckpoint } from './last-checkpoint.ts';
import { cleanUpLog } from './log-clean-up.ts';
import { parseEntry, type LogEntry } from './log-entry.ts';
import { LOG_DIRECTORY } from './log-file-name.ts';
import { oldestVersion } from './log-listing.ts';
import { checkRemovals, checkWritable } from './protocol.ts';
import { Refresher } from './refresher.ts';
import { SnapshotLoader, type LoadedSnapshot } from './snapshot-loader.ts';
import { Replay, type Snapshot } from './snapshot.ts';
import { checkpointInterval, isTrue } from './table-properties.ts';
import { checkVersion, versionAt } from './time-travel.ts';

export interface DeltaLogOptions {
  readonly store: ObjectStore;
  /** Directory of the table in the store, without a slash at its end. */
  readonly location: string;
  readonly engine: ParquetEngine;
  /** The clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** For the provenance of commits. */
  readonly engineInfo?: string | undefined;
}

/** A change of a table. */
export interface CommitRequest {
  /** The version that the change was made from; `undefined` to make the table. */
  readonly read: Snapshot | undefined;
  /** Without provenance, and without the action of `transaction`. */
  readonly actions: readonly Action[];
  readonly operation: string;
  readonly operationParameters?: Readonly<Record<string, unknown>> | undefined;
  readonly operationMetrics?: Readonly<Record<string, string>> | undefined;
  /** It only adds rows and has read none. */
  readonly isBlindAppend: boolean;
  /** It depends on all rows: rows that another writer adds meanwhile are a conflict. */
  readonly readsWholeTable?: boolean | undefined;
  readonly userName?: string | undefined;
  /** Nothing is committed where the table has this version of the application's or a later one. */
  readonly transaction?: { readonly appId: string; readonly version: number } | undefined;
}

export interface CommitResult {
  /** The version committed; where it was skipped, one that has the transaction. */
  readonly version: number;
  readonly skipped: boolean;
}

/** Whether it is time for the next checkpoint: `delta.checkpointInterval` commits after the last. */
export function checkpointDue(snapshot: Snapshot): boolean {
  return snapshot.version - (snapshot.checkpointVersion ?? 0) >= checkpointInterval(snapshot.metadata);
}

/**
 * The transaction log of one Delta table. Any number of these, in any number of processes, may work on a table at
 * the same time. Versions order everything; clocks do not.
 */
export class DeltaLog {
  readonly #store: ObjectStore;
  readonly #directory: string;
  readonly #engine: ParquetEngine;
  readonly #now: () => number;
  readonly #engineInfo: string | undefined;
  readonly #loader: SnapshotLoader;
  readonly #newest = new Refresher(() => this.#refresh());
  /** What was last seen to be the newest version. */
  #loaded: LoadedSnapshot | undefined;

  constructor(options: DeltaLogOptions) {
    this.#store = options.store;
    this.#directory = `${options.location}/${LOG_DIRECTORY}`;
    this.#engine = options.engine;
    this.#now = options.now ?? Date.now;
    this.#engineInfo = options.engineInfo;
    this.#loader = new SnapshotLoader(options.store, this.#directory, options.engine);
  }

  /**
   * The table at a version, by default the newest at the time of the call.
   * @throws GatewayError `caller_table_not_found`; `caller_invalid_parameter` for a version that is not there (any
   *   more); `gateway_lake_unsupported`.
   */
  async snapshot(at?: TableVersion): Promise<Snapshot> {
    const newest = await this.#newest.run();
    if (at === undefined) return newest;
    if ('version' in at && at.version === newest.version) return newest;
    const listing = await this.#loader.list();
    const range = { oldest: oldestVersion(listing, newest.version), newest: newest.version };
    if ('version' in at) checkVersion(at.version, range);
    const version =
      'version' in at
        ? at.version
        : await versionAt(at.timestamp, {
            range,
            newestTimestamp: newest.timestamp,
            now: this.#now(),
            listing,
            commits: this.#loader.commits,
          });
    if (version === newest.version) return newest;
    const { snapshot, commit } = await this.#loader.at(version);
    commitFiles.set(snapshot, commit);
    return snapshot;
  }

  /**
   * Commits a change, after those that others have made since `read`, where it still holds then.
   * @throws GatewayError `gateway_lake_conflict` where it does not; `caller_already_exists` where a table is to be
   *   made and there is one; `gateway_lake_unsupported`.
   */
  async commit(request: CommitRequest): Promise<CommitResult> {
    const { read } = request;
    if (!read) return this.#create(request);
    checkChange(request, read);
    const done = request.transaction && read.transactions.get(request.transaction.appId)?.version;
    if (isDone(request, done)) return { version: read.version, skipped: true };
    await this.#checkSameLog(read);

    let version = read.version + 1;
    let timestamp = read.timestamp;
    for (;;) {
      timestamp = Math.max(this.#now(), timestamp + 1);
      if (await this.#write(request, version, timestamp)) return { version, skipped: false };
      for (const { entry } of await this.#loader.commits.tail(version, version)) {
        if (isDone(request, request.transaction && transactionVersion(entry, request.transaction.appId))) {
          return { version: entry.version, skipped: true };
        }
        checkConflict(request, entry);
        version = entry.version + 1;
        timestamp = Math.max(timestamp, entry.commitInfo?.timestamp ?? 0);
      }
    }
  }

  /** Who changed the table, newest first, as far back as the log goes. */
  async history(limit = Number.MAX_SAFE_INTEGER): Promise<CommitSummary[]> {
    const { version } = await this.snapshot();
    return readHistory(this.#loader.commits, version, limit);
  }

  /** Writes a checkpoint of the newest version. False: there is one, or the table wants kinds that we do not write. */
  async checkpoint(): Promise<boolean> {
    const snapshot = await this.snapshot();
    checkWritable(snapshot.protocol, snapshot.metadata);
    const { 'delta.checkpoint.writeStatsAsJson': asJson } = snapshot.metadata.configuration;
    if (asJson?.toLowerCase() === 'false' || isTrue(snapshot.metadata, 'delta.checkpoint.writeStatsAsStruct'))
      return false;
    const known = Math.max(
      snapshot.checkpointVersion ?? -1,
      (await readLastCheckpoint(this.#store, this.#directory)) ?? -1,
    );
    const isNeeded = known < snapshot.version;
    if (isNeeded) {
      await writeCheckpoint(snapshot, {
        store: this.#store,
        directory: this.#directory,
        engine: this.#engine,
        now: this.#now(),
      });
    }
    this.#noteCheckpoint(snapshot, Math.max(known, snapshot.version));
    return isNeeded;
  }

  /** Deletes what the log no longer has to keep (`delta.logRetentionDuration`). Gives the number of files deleted. */
  async cleanUp(): Promise<number> {
    const snapshot = await this.snapshot();
    checkWritable(snapshot.protocol, snapshot.metadata);
    return cleanUpLog(snapshot, {
      store: this.#store,
      directory: this.#directory,
      now: this.#now(),
      isSound: (checkpoint) => this.#loader.isSound(checkpoint),
    });
  }

  async #create(request: CommitRequest): Promise<CommitResult> {
    checkChange(request, undefined);
    const exists = await this.#loader.exists();
    if (exists || !(await this.#write(request, 0, this.#now()))) {
      throw new GatewayError('caller_already_exists', 'There is a Delta table at this place already.');
    }
    return { version: 0, skipped: false };
  }

  /** False where another writer has the version. */
  async #write(request: CommitRequest, version: number, timestamp: number): Promise<boolean> {
    const { transaction, read } = request;
    const actions = transaction
      ? [...request.actions, { txn: { ...transaction, lastUpdated: timestamp } }]
      : request.actions;
    const info = {
      timestamp,
      operation: request.operation,
      operationParameters: request.operationParameters ?? {},
      operationMetrics: request.operationMetrics,
      isBlindAppend: request.isBlindAppend,
      readVersion: read?.version,
      engineInfo: this.#engineInfo,
      userName: request.userName,
      txnId: crypto.randomUUID(),
    };
    const bytes = await writeCommit(this.#store, this.#directory, version, info, actions);
    if (bytes) this.#advance(parseEntry(version, bytes), bytes);
    return bytes !== undefined;
  }

  #noteCheckpoint(of: Snapshot, version: number): void {
    const loaded = this.#loaded;
    if (loaded?.snapshot.metadata.id !== of.metadata.id) return;
    const checkpointVersion = Math.min(version, loaded.snapshot.version);
    this.#remember({ ...loaded, snapshot: { ...loaded.snapshot, checkpointVersion } });
  }

  /** Keeps what was last seen up to date with our own commit. */
  #advance(entry: LogEntry, bytes: Buffer): void {
    if (this.#loaded?.snapshot.version !== entry.version - 1) return;
    const replay = Replay.from(this.#loaded.snapshot);
    replay.addEntry(entry);
    this.#remember({ snapshot: replay.snapshot(), commit: bytes });
  }

  async #refresh(): Promise<Snapshot> {
    const loaded = this.#loaded;
    if (!loaded) return this.#remember(await this.#loader.newest());
    const { snapshot } = loaded;
    const [isSame, tail] = await Promise.all([
      this.#isSameLog(loaded),
      this.#loader.commits.tail(snapshot.version + 1),
    ]);
    if (!isSame) {
      this.#loaded = undefined;
      return this.#remember(await this.#loader.newest());
    }
    if (tail.length === 0) return this.#loaded?.snapshot ?? snapshot;
    const replay = Replay.from(snapshot);
    for (const { entry } of tail) replay.addEntry(entry);
    return this.#remember({ snapshot: replay.snapshot(), commit: tail.at(-1)?.bytes });
  }

  /** Two may come at once, of a commit and of a refresh: the later version stays. */
  #remember(loaded: LoadedSnapshot): Snapshot {
    const current = this.#loaded?.snapshot;
    const isOlder =
      current && current.metadata.id === loaded.snapshot.metadata.id && current.version > loaded.snapshot.version;
    if (isOlder) return current;
    commitFiles.set(loaded.snapshot, loaded.commit);
    this.#loaded = loaded;
    return loaded.snapshot;
  }

  /** Whether the newest commit that we know is still there: else the log was cleaned up beyond it, or made anew. */
  async #isSameLog({ snapshot, commit }: LoadedSnapshot): Promise<boolean> {
    const present = await this.#loader.commits.bytes(snapshot.version);
    return commit === undefined ? present === undefined : present?.equals(commit) === true;
  }

  /** A version that follows one which is no longer there would be lost to all readers. */
  async #checkSameLog(read: Snapshot): Promise<void> {
    const isThere = commitFiles.has(read)
      ? await this.#isSameLog({ snapshot: read, commit: commitFiles.get(read) })
      : (await this.#loader.commits.bytes(read.version)) !== undefined;
    if (isThere) return;
    throw new GatewayError(
      'gateway_lake_conflict',
      `The log of the table no longer has version ${read.version}, which this change was made from. Try again.`,
    );
  }
}

/** The commit files of the snapshots that were given out. */
const commitFiles = new WeakMap<Snapshot, Buffer | undefined>();

/** Refuses changes that the table's features forbid, before and after the change. */
function checkChange(request: CommitRequest, read: Snapshot | undefined): void {
  let protocol = read?.protocol;
  let metadata = read?.metadata;
  if (protocol && metadata) {
    checkWritable(protocol, metadata);
    checkRemovals(metadata, request.actions);
  }
  for (const action of request.actions) {
    if ('protocol' in action) protocol = action.protocol;
    if ('metaData' in action) metadata = action.metaData;
  }
  if (!protocol || !metadata) throw new Error('a new table needs the actions protocol and metaData');
  checkWritable(protocol, metadata);
}

function isDone(request: CommitRequest, committed: number | undefined): boolean {
  return request.transaction !== undefined && committed !== undefined && committed >= request.transaction.version;
}
