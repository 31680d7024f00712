import { asObject, asText } from '../lib/json-object.ts';
import { WorkspaceError, type WorkspaceClient } from './client.ts';
import { OTEL_PATH, otelTable, signals, TABLE_HEADER, type Signal } from './otel.ts';
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

const OTHERS = '--table-prefix catalog.schema.prefix';

/**
 * Sees to it that the tables of a prefix are there and that the caller may export into them: makes those that are missing,
 * in the caller's name; others stay as they are. A workspace that has no route for it is asked in SQL.
 * @throws WorkspaceError with what it said.
 */
export async function createOtelTables(client: WorkspaceClient, tablePrefix: string): Promise<OtelTable[]> {
  const before = await refusals(client, tablePrefix);
  if (before.every((refusal) => refusal === undefined)) return tablesOf(tablePrefix, () => false);
  const tables = await makeTables(client, tablePrefix);
  const after = await refusals(client, tablePrefix);
  // A table of somebody else is hidden; one that was made just now may not be known everywhere yet.
  const refused = after.find(
    (refusal, at) => refusal?.kind === 'forbidden' || (refusal?.kind === 'not-found' && tables[at]?.created === false),
  );
  if (refused === undefined) return tables;
  throw new WorkspaceError(refused.kind, refused.message, {
    cause: refused,
    cure: `If the tables are somebody else's, ask for MODIFY and SELECT on each; or name others: ${OTHERS}`,
  });
}

async function makeTables(client: WorkspaceClient, tablePrefix: string): Promise<OtelTable[]> {
  const [catalog, schema, prefix] = tablePrefix.split('.');
  try {
    const { tables } = await client.json(`${OTEL_PATH}/tables`, { method: 'POST', body: { catalog, schema, prefix } });
    const made = (Array.isArray(tables) ? tables : []).map(asObject);
    const createdNow = made.filter((table) => table?.['created'] === true).map((table) => asText(table?.['signal']));
    return tablesOf(tablePrefix, (signal) => createdNow.includes(signal));
  } catch (error) {
    if (!hasNoRoute(error)) throw withCure(error);
  }
  for (const signal of signals) await runSql(client, createTableStatement(tablePrefix, signal));
  return tablesOf(tablePrefix, () => undefined);
}

function tablesOf(tablePrefix: string, created: (signal: Signal) => boolean | undefined): OtelTable[] {
  return signals.map((signal) => ({ signal, name: otelTable(tablePrefix, signal), created: created(signal) }));
}

/** What the workspace says to an export without records into each table; `undefined` where it takes it. */
function refusals(client: WorkspaceClient, tablePrefix: string): Promise<(WorkspaceError | undefined)[]> {
  return Promise.all(
    signals.map(async (signal) => {
      const headers = { [TABLE_HEADER]: otelTable(tablePrefix, signal) };
      try {
        await client.json(`${OTEL_PATH}/v1/${signal}`, { method: 'POST', body: {}, headers });
        return undefined;
      } catch (error) {
        if (error instanceof WorkspaceError && ['forbidden', 'not-found', 'refused'].includes(error.kind)) return error;
        throw error;
      }
    }),
  );
}

/** Not a missing catalog or schema: those have codes of their own. */
function hasNoRoute(error: unknown): boolean {
  if (!(error instanceof WorkspaceError)) return false;
  if (error.kind === 'not-found') return error.code === undefined || error.code === 'ENDPOINT_NOT_FOUND';
  return error.kind === 'not-a-gateway';
}

function withCure(error: unknown): unknown {
  if (!(error instanceof WorkspaceError) || error.kind !== 'forbidden') return error;
  return new WorkspaceError(error.kind, error.message, {
    cause: error,
    cure: `Ask an admin for USE SCHEMA and CREATE TABLE there, or name tables that you may write to: ${OTHERS}`,
  });
}
