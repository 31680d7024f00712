import { GatewayError } from '../../errors/gateway-error.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import { parseEntry, type LogEntry } from './log-entry.ts';
import { commitName } from './log-file-name.ts';

/** Commits that are asked for at the same time. */
const MAX_WINDOW = 64;

/** A commit and the bytes of its file, by which it is known again. */
export interface StoredEntry {
  readonly entry: LogEntry;
  readonly bytes: Buffer;
}

/** A commit that should be there is not: cleaned up meanwhile, or lost. */
export class MissingCommit extends GatewayError {
  constructor(version: number) {
    super('gateway_lake_unavailable', `The log of the table is damaged: version ${version} is missing.`);
  }
}

/** Reads the commits of one log. */
export class CommitReader {
  readonly #store: ObjectStore;
  readonly #directory: string;

  /** @param directory key of `_delta_log`, without a slash at its end. */
  constructor(store: ObjectStore, directory: string) {
    this.#store = store;
    this.#directory = directory;
  }

  async bytes(version: number): Promise<Buffer | undefined> {
    return this.#store.get(`${this.#directory}/${commitName(version)}`);
  }

  async read(version: number): Promise<StoredEntry | undefined> {
    const bytes = await this.bytes(version);
    return bytes && { entry: parseEntry(version, bytes), bytes };
  }

  /**
   * The commits from `first` to the newest, found by asking for one version after the other.
   * @param known a version that is known to be there, as are those before it.
   * @throws MissingCommit where a version up to `known` is not there.
   */
  async tail(first: number, known = first - 1): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    let probe = 1;
    for (let next = first; ;) {
      const expected = known - next + 1;
      const window = Math.min(MAX_WINDOW, expected > 0 ? expected : probe);
      if (expected <= 0) probe *= 2;
      const read = await this.#window(next, window);
      found.push(...read);
      next += read.length;
      if (read.length === window) continue;
      if (next <= known) throw new MissingCommit(next);
      return found;
    }
  }

  /** The commits from `first` to `last`. @throws MissingCommit */
  async range(first: number, last: number): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    while (first + found.length <= last) {
      const next = first + found.length;
      const read = await this.#window(next, Math.min(MAX_WINDOW, last - next + 1));
      if (read.length === 0) throw new MissingCommit(next);
      found.push(...read);
    }
    return found;
  }

  /** Commits from `first` on, at most `size`, up to the first that is missing. */
  async #window(first: number, size: number): Promise<StoredEntry[]> {
    const read = await Promise.all(Array.from({ length: size }, (_, i) => this.read(first + i)));
    const end = read.indexOf(undefined);
    return read.slice(0, end === -1 ? read.length : end) as StoredEntry[];
  }
}
