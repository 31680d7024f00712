import { GatewayError } from '../../errors/gateway-error.ts';
import { parseSchema } from '../schema/parse-schema.ts';
import type { StructType } from '../schema/delta-type.ts';
import type { Action, AddFile, DomainMetadata, Metadata, Protocol, RemoveFile, Transaction } from './actions.ts';
import type { LogEntry } from './log-entry.ts';
import { checkReadable } from './protocol.ts';

/** A table at one version. It never changes. */
export interface Snapshot {
  readonly version: number;
  /** When the version was committed, milliseconds since 1970; later than that of the version before. */
  readonly timestamp: number;
  readonly metadata: Metadata;
  readonly schema: StructType;
  readonly protocol: Protocol;
  /** The live files. */
  readonly files: readonly AddFile[];
  /** Files that were removed, as far as the log still knows. */
  readonly tombstones: readonly RemoveFile[];
  readonly transactions: ReadonlyMap<string, Transaction>;
  readonly domains: ReadonlyMap<string, DomainMetadata>;
  /** The newest checkpoint at or before the version that was seen when it was read. */
  readonly checkpointVersion: number | undefined;
}

/** What a logical file is known by: its path and its deletion vector (PROTOCOL.md, "Action Reconciliation"). */
export function fileKey(file: Pick<AddFile, 'path' | 'deletionVector'>): string {
  const vector = file.deletionVector;
  if (!vector) return file.path;
  const offset = vector.offset === undefined ? '' : `@${vector.offset}`;
  return `${file.path}\n${vector.storageType}${vector.pathOrInlineDv}${offset}`;
}

/** Replays actions into the state of a table (PROTOCOL.md, "Action Reconciliation"). */
export class Replay {
  #version = -1;
  #timestamp = 0;
  #checkpointVersion: number | undefined;
  #metadata: Metadata | undefined;
  #protocol: Protocol | undefined;
  #schema: { readonly text: string; readonly type: StructType } | undefined;
  readonly #files = new Map<string, AddFile>();
  readonly #tombstones = new Map<string, RemoveFile>();
  readonly #transactions = new Map<string, Transaction>();
  readonly #domains = new Map<string, DomainMetadata>();

  /** Goes on from a snapshot, which stays as it is. */
  static from(snapshot: Snapshot): Replay {
    const replay = new Replay();
    replay.#version = snapshot.version;
    replay.#timestamp = snapshot.timestamp;
    replay.#checkpointVersion = snapshot.checkpointVersion;
    replay.#metadata = snapshot.metadata;
    replay.#protocol = snapshot.protocol;
    replay.#schema = { text: snapshot.metadata.schemaString, type: snapshot.schema };
    for (const file of snapshot.files) replay.#files.set(fileKey(file), file);
    for (const file of snapshot.tombstones) replay.#tombstones.set(fileKey(file), file);
    for (const [appId, transaction] of snapshot.transactions) replay.#transactions.set(appId, transaction);
    for (const [domain, metadata] of snapshot.domains) replay.#domains.set(domain, metadata);
    return replay;
  }

  get version(): number {
    return this.#version;
  }

  /** Takes in what a checkpoint holds. @param timestamp when its version was committed. */
  addCheckpoint(version: number, timestamp: number, actions: Iterable<Action>): void {
    for (const action of actions) this.#apply(action);
    this.#version = version;
    this.#timestamp = timestamp;
    this.#checkpointVersion = version;
  }

  /** Takes in the next commit. @param timestamp its time where it does not tell one itself. */
  addEntry(entry: LogEntry, timestamp = 0): void {
    for (const action of entry.actions) this.#apply(action);
    this.#version = entry.version;
    this.#timestamp = Math.max(this.#timestamp + 1, entry.commitInfo?.timestamp || timestamp);
  }

  /** @throws GatewayError `gateway_lake_unsupported` where the table needs what we do not have. */
  snapshot(): Snapshot {
    const metadata = this.#metadata;
    const protocol = this.#protocol;
    if (!metadata || !protocol) {
      throw new GatewayError(
        'gateway_lake_unavailable',
        `The log of the table is damaged: version ${this.#version} has no ${metadata ? 'protocol' : 'metadata'}.`,
      );
    }
    checkReadable(protocol, metadata);
    if (this.#schema?.text !== metadata.schemaString) {
      this.#schema = { text: metadata.schemaString, type: parseSchema(metadata.schemaString) };
    }
    return {
      version: this.#version,
      timestamp: this.#timestamp,
      metadata,
      schema: this.#schema.type,
      protocol,
      files: [...this.#files.values()],
      tombstones: [...this.#tombstones.values()],
      transactions: new Map(this.#transactions),
      domains: new Map(this.#domains),
      checkpointVersion: this.#checkpointVersion,
    };
  }

  #apply(action: Action): void {
    if ('add' in action) {
      const key = fileKey(action.add);
      this.#files.set(key, action.add);
      this.#tombstones.delete(key);
    } else if ('remove' in action) {
      const key = fileKey(action.remove);
      this.#files.delete(key);
      this.#tombstones.set(key, action.remove);
    } else if ('metaData' in action) {
      this.#metadata = action.metaData;
    } else if ('protocol' in action) {
      this.#protocol = action.protocol;
    } else if ('txn' in action) {
      this.#transactions.set(action.txn.appId, action.txn);
    } else if ('domainMetadata' in action) {
      const { domain, removed } = action.domainMetadata;
      if (removed) this.#domains.delete(domain);
      else this.#domains.set(domain, action.domainMetadata);
    }
  }
}
