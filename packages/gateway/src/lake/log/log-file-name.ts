/** A file of `_delta_log` by its name (PROTOCOL.md, "File Types" and "Checkpoint Naming Scheme"). */
export type LogFile =
  | { readonly kind: 'commit'; readonly version: number }
  | { readonly kind: 'checksum'; readonly version: number }
  | { readonly kind: 'compacted'; readonly version: number; readonly endVersion: number }
  | CheckpointFile;

export interface CheckpointFile {
  readonly kind: 'checkpoint';
  readonly version: number;
  readonly format: 'parquet' | 'json';
  /** Parts of a multi-part checkpoint, else one of one. */
  readonly part: number;
  readonly parts: number;
  /** The name itself: a version may have several checkpoints. */
  readonly name: string;
}

export const LOG_DIRECTORY = '_delta_log';
export const LAST_CHECKPOINT = '_last_checkpoint';
export const SIDECAR_DIRECTORY = '_sidecars';

const commit = /^(\d{20})\.json$/;
const checksum = /^(\d{20})\.crc$/;
const compacted = /^(\d{20})\.(\d{20})\.compacted\.json$/;
const classic = /^(\d{20})\.checkpoint\.parquet$/;
const multiPart = /^(\d{20})\.checkpoint\.(\d{10})\.(\d{10})\.parquet$/;
const uuidNamed = /^(\d{20})\.checkpoint\.[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}\.(json|parquet)$/;

/** The version with 20 digits. It sorts before all files of the version, and after those of versions before. */
export function versionPrefix(version: number): string {
  return String(version).padStart(20, '0');
}

export function commitName(version: number): string {
  return `${versionPrefix(version)}.json`;
}

export function checkpointName(version: number): string {
  return `${versionPrefix(version)}.checkpoint.parquet`;
}

/** What a file in `_delta_log` is; `undefined` for anything else that lies there. */
export function parseLogFileName(name: string): LogFile | undefined {
  const version = versionOf(name.slice(0, 20));
  if (version === undefined) return undefined;
  if (commit.test(name)) return { kind: 'commit', version };
  if (checksum.test(name)) return { kind: 'checksum', version };
  const span = compacted.exec(name);
  if (span) {
    const endVersion = versionOf(span[2]!);
    return endVersion === undefined ? undefined : { kind: 'compacted', version, endVersion };
  }
  if (classic.test(name)) return { kind: 'checkpoint', version, format: 'parquet', part: 1, parts: 1, name };
  const parts = multiPart.exec(name);
  if (parts) {
    return { kind: 'checkpoint', version, format: 'parquet', part: Number(parts[2]), parts: Number(parts[3]), name };
  }
  const format = uuidNamed.exec(name)?.[2];
  if (format !== undefined) {
    return { kind: 'checkpoint', version, format: format === 'json' ? 'json' : 'parquet', part: 1, parts: 1, name };
  }
  return undefined;
}

function versionOf(digits: string): number | undefined {
  if (!/^\d{20}$/.test(digits)) return undefined;
  const version = Number(digits);
  return Number.isSafeInteger(version) ? version : undefined;
}
