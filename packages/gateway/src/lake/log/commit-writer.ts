import { GatewayError } from '../../errors/gateway-error.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Action, CommitInfo } from './actions.ts';
import { parseEntry, serialiseEntry } from './log-entry.ts';
import { commitName } from './log-file-name.ts';

/** How often a write is tried whose outcome is not known and that has left nothing behind. */
const ATTEMPTS = 3;

/**
 * Writes a commit as one version. A write that fails after it has perhaps reached the store is looked for there,
 * by the `txnId` of its provenance.
 * @returns the bytes written, or `undefined` where another writer has the version.
 */
export async function writeCommit(
  store: ObjectStore,
  directory: string,
  version: number,
  info: CommitInfo & { readonly txnId: string },
  actions: readonly Action[],
): Promise<Buffer | undefined> {
  const key = `${directory}/${commitName(version)}`;
  const bytes = serialiseEntry(info, actions);
  for (let attempt = 1; ; attempt++) {
    let failure: unknown;
    try {
      if (await store.putIfAbsent(key, bytes)) return bytes;
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'gateway_lake_unavailable') throw error;
      failure = error;
    }
    // Also after a plain loss: the client of the store may have sent a write twice and lost to itself.
    const present = await store.get(key);
    if (present) return parseEntry(version, present).commitInfo?.txnId === info.txnId ? bytes : undefined;
    if (attempt === ATTEMPTS) throw failure ?? vanished(version);
  }
}

function vanished(version: number): GatewayError {
  return new GatewayError(
    'gateway_lake_unavailable',
    `The storage says that version ${version} of the table's log exists, and does not give it.`,
  );
}
