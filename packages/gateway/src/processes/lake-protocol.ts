import type { LakeConfig } from '../config/gateway-config.ts';
import type { TableRef } from '../lake/lake.ts';
import type { SpoolPosition } from '../usage/spool-format.ts';

/** Names of the spools, which are also the names of their feeds. */
export const spoolNames = ['usage', 'payloads', 'telemetry', 'audit'] as const;
export type SpoolName = (typeof spoolNames)[number];

/** What the lake process needs before it can do anything. */
export interface OpenLake {
  readonly lake: LakeConfig;
  readonly dataDirectory: string;
}

/** Starts the loader; the tables exist by then. */
export interface StartLoader {
  readonly usageTable: TableRef;
  readonly auditTable: TableRef;
  readonly committed: Readonly<Record<SpoolName, SpoolPosition>>;
}

/** Note to the lake process: everything before the position is durable. */
export interface CommittedNote {
  readonly spool: SpoolName;
  readonly position: SpoolPosition;
}

/** Note from the lake process: everything before the position is in its tables. */
export type LoadedNote = CommittedNote;

/** Note from the lake process: what became of rows of a spool. */
export interface ProgressNote {
  readonly spool: SpoolName;
  readonly outcome: string;
  readonly rows: number;
}

/** Note from the lake process, for the log. */
export interface LogNote {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Directory of a spool. */
export function spoolDirectoryName(spool: SpoolName): string {
  return spool === 'usage' ? 'spool' : `spool-${spool}`;
}
