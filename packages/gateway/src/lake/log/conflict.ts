import { GatewayError } from '../../errors/gateway-error.ts';
import type { Action } from './actions.ts';
import type { LogEntry } from './log-entry.ts';
import { fileKey } from './snapshot.ts';

/** What a change that is to be committed has read and does, as far as others may be in its way. */
export interface Change {
  readonly actions: readonly Action[];
  /** It depends on all rows of the table, as a delete by a condition does. */
  readonly readsWholeTable?: boolean | undefined;
}

/**
 * Whether a change still holds after another writer's commit that it has not seen.
 * @throws GatewayError `gateway_lake_conflict` where it does not; the caller reads the table anew and starts again.
 */
export function checkConflict(change: Change, winner: LogEntry): void {
  const removed = new Set(change.actions.flatMap((action) => ('remove' in action ? [fileKey(action.remove)] : [])));
  const domains = new Set(
    change.actions.flatMap((action) => ('domainMetadata' in action ? [action.domainMetadata.domain] : [])),
  );
  for (const action of winner.actions) {
    if ('metaData' in action) throw conflict('changed the schema or the properties of the table', winner);
    if ('protocol' in action) throw conflict('changed the protocol of the table', winner);
    if ('remove' in action && removed.has(fileKey(action.remove))) {
      throw conflict('replaced or deleted files that this change replaces or deletes', winner);
    }
    if ('add' in action && change.readsWholeTable && action.add.dataChange) {
      throw conflict('added rows that this change has not seen', winner);
    }
    if ('domainMetadata' in action && domains.has(action.domainMetadata.domain)) {
      throw conflict(`changed the metadata of the domain ${action.domainMetadata.domain}`, winner);
    }
  }
}

/** Version that a commit gives a transaction of the application, `undefined` where it has none. */
export function transactionVersion(entry: LogEntry, appId: string): number | undefined {
  let version: number | undefined;
  for (const action of entry.actions) {
    if ('txn' in action && action.txn.appId === appId) version = Math.max(version ?? -1, action.txn.version);
  }
  return version;
}

function conflict(what: string, winner: LogEntry): GatewayError {
  return new GatewayError(
    'gateway_lake_conflict',
    `Another writer ${what} (version ${winner.version}) before this change was committed. Try again.`,
  );
}
