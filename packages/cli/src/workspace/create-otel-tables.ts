import { asObject, asText } from '../lib/json-object.ts';
import { WorkspaceError, type WorkspaceClient } from './client.ts';
import { OTEL_PATH, otelTable, signals, type Signal } from './otel.ts';
import { createTableStatement } from './otel-tables.ts';
import { runSql } from './run-sql.ts';

/** A table for telemetry that is there now. */
export interface OtelTable {
  readonly signal: Signal;
  /** `catalog.schema.table`. */
  readonly name: string;
  /** Whether it was made just now; `undefined` where the workspace does not say. */
  readonly created: boolean | undefined;
}

/**
 * Makes the tables of a prefix in the caller's name; those that are there stay as they are. A workspace that has no
 * route for it is asked in SQL.
 * @throws WorkspaceError with what it said.
 */
export async function createOtelTables(client: WorkspaceClient, tablePrefix: string): Promise<OtelTable[]> {
  const [catalog, schema, prefix] = tablePrefix.split('.');
  try {
    const { tables } = await client.json(`${OTEL_PATH}/tables`, { method: 'POST', body: { catalog, schema, prefix } });
    const made = (Array.isArray(tables) ? tables : []).map(asObject);
    return signals.map((signal) => {
      const table = made.find((one) => one?.['signal'] === signal);
      return {
        signal,
        name: asText(table?.['full_name']) ?? otelTable(tablePrefix, signal),
        created: table?.['created'] === true,
      };
    });
  } catch (error) {
    if (!hasNoRoute(error)) throw error;
  }
  for (const signal of signals) await runSql(client, createTableStatement(tablePrefix, signal));
  return signals.map((signal) => ({ signal, name: otelTable(tablePrefix, signal), created: undefined }));
}

/** Not a missing catalog or schema: those have codes of their own. */
function hasNoRoute(error: unknown): boolean {
  if (!(error instanceof WorkspaceError)) return false;
  if (error.kind === 'not-found') return error.code === undefined || error.code === 'ENDPOINT_NOT_FOUND';
  return error.kind === 'not-a-gateway';
}
