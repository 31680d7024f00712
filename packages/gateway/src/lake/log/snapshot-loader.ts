import { GatewayError } from '../../errors/gateway-error.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { ParquetEngine } from '../parquet/engine.ts';
import type { Action } from './actions.ts';
import { CheckpointReader } from './checkpoint-reader.ts';
import { CommitReader, MissingCommit, type StoredEntry } from './commit-reader.ts';
import { readLastCheckpoint } from './last-checkpoint.ts';
import { listLog, listLogFiles, type Checkpoint, type LogListing } from './log-listing.ts';
import { Replay, type Snapshot } from './snapshot.ts';

/** A snapshot and the file of its commit, by which it is seen later whether the log is still the same. */
export interface LoadedSnapshot {
  readonly snapshot: Snapshot;
  /** `undefined` where only a checkpoint is left of the version. */
  readonly commit: Buffer | undefined;
}

/** Files of checkpoints that cannot be read, and why. */
type DamagedCheckpoints = Map<string, unknown>;

/** Builds snapshots of one log from its checkpoints and commits. */
export class SnapshotLoader {
  readonly commits: CommitReader;
  readonly #store: ObjectStore;
  readonly #directory: string;
  readonly #checkpoints: CheckpointReader;

  constructor(store: ObjectStore, directory: string, engine: ParquetEngine) {
    this.#store = store;
    this.#directory = directory;
    this.commits = new CommitReader(store, directory);
    this.#checkpoints = new CheckpointReader(store, directory, engine);
  }

  /** Whether there is any commit or checkpoint. */
  async exists(): Promise<boolean> {
    for await (const { file } of listLogFiles(this.#store, this.#directory)) {
      if (file.kind === 'commit' || file.kind === 'checkpoint') return true;
    }
    return false;
  }

  async list(): Promise<LogListing> {
    return listLog(this.#store, this.#directory);
  }

  /**
   * The newest version. A second look is taken where commits go missing while they are read: the log is being
   * cleaned up then.
   * @throws GatewayError `caller_table_not_found`.
   */
  async newest(): Promise<LoadedSnapshot> {
    try {
      return await this.#newest();
    } catch (error) {
      if (!(error instanceof MissingCommit)) throw error;
      return this.#newest();
    }
  }

  /** Whether a checkpoint can be read whole. */
  async isSound(checkpoint: Checkpoint): Promise<boolean> {
    return (await this.#readCheckpoint(checkpoint, new Map())) !== undefined;
  }

  /** A version that is known to have been. @throws MissingCommit where too little is left of it. */
  async at(version: number): Promise<LoadedSnapshot> {
    const listing = await listLog(this.#store, this.#directory, 0, version);
    return this.#fromFirstUsable(listing, new Map(), version);
  }

  async #newest(): Promise<LoadedSnapshot> {
    const hint = await readLastCheckpoint(this.#store, this.#directory);
    const bad: DamagedCheckpoints = new Map();
    if (hint !== undefined) {
      const recent = await listLog(this.#store, this.#directory, hint);
      const loaded = await this.#fromCheckpoints(recent, bad);
      if (loaded) return loaded;
    }
    return this.#fromFirstUsable(await this.list(), bad);
  }

  /** From a checkpoint, else from version 0. */
  async #fromFirstUsable(listing: LogListing, bad: DamagedCheckpoints, last?: number): Promise<LoadedSnapshot> {
    if (listing.commits.size === 0 && listing.checkpoints.length === 0) throw noTable();
    const loaded = await this.#fromCheckpoints(listing, bad, last);
    if (loaded) return loaded;
    if (!listing.commits.has(0) && bad.size > 0) throw noCheckpoint([...bad.values()][0]);
    const replay = new Replay();
    return this.#finish(replay, listing, await this.#entries(0, listing, last), undefined);
  }

  /** From the newest checkpoint that can be read. @param bad names found to be damaged; more are added. */
  async #fromCheckpoints(
    listing: LogListing,
    bad: DamagedCheckpoints,
    last?: number,
  ): Promise<LoadedSnapshot | undefined> {
    for (const checkpoint of listing.checkpoints) {
      if (checkpoint.names.some((name) => bad.has(name))) continue;
      const tail = this.#entries(checkpoint.version + 1, listing, last);
      tail.catch(() => {});
      const [actions, own] = await Promise.all([
        this.#readCheckpoint(checkpoint, bad),
        this.commits.read(checkpoint.version),
      ]);
      if (!actions) continue;
      const replay = new Replay();
      const timestamp = own?.entry.commitInfo?.timestamp || checkpoint.modifiedAt;
      replay.addCheckpoint(checkpoint.version, timestamp, actions);
      return this.#finish(replay, listing, await tail, own?.bytes);
    }
    return undefined;
  }

  /** Whatever is wrong with a checkpoint, an older one and the commits say the same. */
  async #readCheckpoint(checkpoint: Checkpoint, bad: DamagedCheckpoints): Promise<Action[] | undefined> {
    let failure: unknown;
    try {
      const actions = await this.#checkpoints.read(checkpoint);
      if (actions.some((action) => 'metaData' in action)) return actions;
    } catch (error) {
      failure = error;
    }
    for (const name of checkpoint.names) bad.set(name, failure);
    return undefined;
  }

  async #entries(first: number, listing: LogListing, last?: number): Promise<StoredEntry[]> {
    if (last !== undefined) return this.commits.range(first, last);
    const newest = Math.max(-1, ...lastOf(listing.commits.keys()));
    return this.commits.tail(first, newest);
  }

  #finish(
    replay: Replay,
    listing: LogListing,
    tail: readonly StoredEntry[],
    commit: Buffer | undefined,
  ): LoadedSnapshot {
    for (const { entry } of tail) replay.addEntry(entry, listing.commits.get(entry.version));
    return { snapshot: replay.snapshot(), commit: tail.at(-1)?.bytes ?? commit };
  }
}

function lastOf(versions: Iterable<number>): number[] {
  let last: number | undefined;
  for (const version of versions) last = version;
  return last === undefined ? [] : [last];
}

function noTable(): GatewayError {
  return new GatewayError('caller_table_not_found', 'There is no Delta table at this place: its log is empty.');
}

function noCheckpoint(cause: unknown): GatewayError {
  return new GatewayError(
    'gateway_lake_unavailable',
    'The log of the table is damaged: its checkpoints cannot be read, and the commits before them are gone.',
    { cause },
  );
}
