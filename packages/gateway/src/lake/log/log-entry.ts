import { GatewayError } from '../../errors/gateway-error.ts';
import { parseJson } from '../../lib/json-value.ts';
import { MalformedAction, readAction } from './action-reader.ts';
import type { Action, CommitInfo } from './actions.ts';

/** One commit of the log. */
export interface LogEntry {
  readonly version: number;
  readonly actions: readonly Action[];
  readonly commitInfo: CommitInfo | undefined;
}

/**
 * Reads a commit: one action per line. Actions and fields that are not known are skipped.
 * @throws GatewayError `gateway_lake_unavailable` where the file is damaged.
 */
export function parseEntry(version: number, bytes: Buffer): LogEntry {
  const actions: Action[] = [];
  let commitInfo: CommitInfo | undefined;
  for (const action of parseActions(bytes, `version ${version}`)) {
    if ('commitInfo' in action) commitInfo = action.commitInfo;
    else actions.push(action);
  }
  return { version, actions, commitInfo };
}

/** The actions of an NDJSON file. @param what for the message, such as `version 12`. */
export function parseActions(bytes: Buffer, what: string): Action[] {
  try {
    return linesOf(bytes)
      .map((line) => readAction(parseJson(line)))
      .filter((action) => action !== undefined);
  } catch (error) {
    if (!(error instanceof MalformedAction)) throw error;
    const message = `The log of the table is damaged at ${what}: ${error.message}.`;
    throw new GatewayError('gateway_lake_unavailable', message, { cause: error });
  }
}

/** The lines of NDJSON that are not empty. */
export function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** A commit as it is written: the provenance first, then the actions, one per line. */
export function serialiseEntry(commitInfo: CommitInfo, actions: readonly Action[]): Buffer {
  const lines = [{ commitInfo } as Action, ...actions].map((action) => JSON.stringify(action));
  return Buffer.from(`${lines.join('\n')}\n`);
}
