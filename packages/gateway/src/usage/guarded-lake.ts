import { GatewayError } from '../errors/gateway-error.ts';
import type { TableRef } from '../lake/lake.ts';
import type { LoaderLake } from './loader-options.ts';

/**
 * A lake whose tables count as dropped only while the lake itself is there. Where its storage is not mounted or
 * its directory was deleted, every table seems to be gone, and rows must wait instead of being dropped.
 * @param witness a table that is never dropped.
 * @param kept others whose rows are never dropped, even where they are missing.
 */
export function guardedLake(lake: LoaderLake, witness: TableRef, kept: readonly TableRef[] = []): LoaderLake {
  const needed = new Set([witness, ...kept].map(({ id }) => id));
  const guarded = async <T>(table: TableRef, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isGone(error) && (needed.has(table.id) || (await isAway()))) throw lakeAway(error);
      throw error;
    }
  };
  const isAway = async (): Promise<boolean> => {
    try {
      await lake.lastTransaction(witness, 'witness');
      return false;
    } catch (error) {
      if (isGone(error)) return true;
      throw error;
    }
  };
  return {
    append: (append) => guarded(append.table, lake.append(append)),
    lastTransaction: (table, appId) => guarded(table, lake.lastTransaction(table, appId)),
  };
}

function isGone(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'caller_table_not_found';
}

function lakeAway(cause: unknown): GatewayError {
  return new GatewayError(
    'gateway_lake_unavailable',
    "The lake has lost one of the gateway's own tables. Is the storage of lake.root mounted? Bring it back.",
    { cause },
  );
}
