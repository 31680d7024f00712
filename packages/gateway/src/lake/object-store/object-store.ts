/** An object as a listing shows it. */
export interface ObjectInfo {
  /** Key relative to the store's root, `/` between its parts, never beginning with one. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/**
 * Where tables live: named, immutable objects below one root. Keys are plain text (not percent-encoded),
 * `/` separates; a store refuses keys with `..`, empty parts or control characters.
 *
 * Laws: an object is seen whole or not at all; `putIfAbsent` lets exactly one of any number of racing
 * writers win, over processes and machines; what a resolved put has written survives power loss.
 */
export interface ObjectStore {
  /** For messages: a directory, or `s3://bucket/prefix`. */
  readonly description: string;
  /** A URI of the key that other engines can open: `file:///…` or `s3://…`. */
  uri(key: string): string;
  /** The whole object, or `undefined` where there is none. */
  get(key: string): Promise<Buffer | undefined>;
  /** Writes only where no object has that key. False: there is one already. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Writes or replaces. Only for hints that may be lost or stale (`_last_checkpoint`). */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Moves a local file, whole and closed, into the store under a key that nobody else uses (it holds a UUID).
   * The local file is gone afterwards.
   */
  putFile(key: string, localFile: string): Promise<void>;
  /** A local path with the object's bytes, for DuckDB: the object itself, or a copy in the cache. */
  localPath(key: string): Promise<string>;
  /** Objects below `prefix` (a whole directory, ending in `/`, or `''`), recursive, in ascending order of key (UTF-8). */
  list(prefix: string, options?: { readonly startAfter?: string }): AsyncIterable<ObjectInfo>;
  /** Deletes; an object that is not there is no error. */
  delete(keys: readonly string[]): Promise<void>;
}
