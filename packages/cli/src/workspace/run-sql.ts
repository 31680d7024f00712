import { asObject, asText } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import { WorkspaceError, type WorkspaceClient } from './client.ts';

/** Between two looks at a statement that still runs, milliseconds. */
const POLL_MS = 500;
/** A statement may take this long, milliseconds. */
const TIMEOUT_MS = 120_000;

/**
 * Runs one statement on the first warehouse that is there, through the Statement Execution API, and gives its rows; every
 * value as text, as the API has them.
 * @throws WorkspaceError with what the warehouse said.
 */
export async function runSql(
  client: WorkspaceClient,
  statement: string,
  parameters: readonly { readonly name: string; readonly value: string; readonly type: string }[] = [],
): Promise<Record<string, string | null>[]> {
  const warehouseId = await findWarehouse(client);
  const deadline = Date.now() + TIMEOUT_MS;
  let answer = await client.json('/api/2.0/sql/statements', {
    method: 'POST',
    body: {
      warehouse_id: warehouseId,
      statement,
      parameters,
      wait_timeout: '30s',
      on_wait_timeout: 'CONTINUE',
      format: 'JSON_ARRAY',
      disposition: 'INLINE',
    },
    timeoutMs: 60_000,
  });
  while (['PENDING', 'RUNNING'].includes(asText(asObject(answer['status'])?.['state']) ?? '')) {
    if (Date.now() > deadline) throw new WorkspaceError('timeout', 'The query took too long.');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    answer = await client.json(`/api/2.0/sql/statements/${encodeURIComponent(asText(answer['statement_id']) ?? '')}`);
  }
  const status = asObject(answer['status']);
  if (status?.['state'] !== 'SUCCEEDED') {
    const error = asObject(status?.['error']);
    const code = asText(error?.['error_code']);
    const message = printable(asText(error?.['message']) ?? 'The query failed.');
    throw new WorkspaceError('refused', message, code === undefined ? {} : { code });
  }
  return rowsOf(answer);
}

async function findWarehouse(client: WorkspaceClient): Promise<string> {
  const { warehouses } = await client.json('/api/2.0/sql/warehouses', { timeoutMs: 20_000 });
  const list: readonly unknown[] = Array.isArray(warehouses) ? warehouses : [];
  const known = list.map(asObject).filter((one) => one !== undefined);
  const id = asText((known.find((one) => one['state'] === 'RUNNING') ?? known[0])?.['id']);
  if (id === undefined)
    throw new WorkspaceError('not-found', 'There is no SQL warehouse that you may use.', {
      cure: 'Ask an admin of the workspace for one.',
    });
  return id;
}

function rowsOf(answer: Readonly<Record<string, unknown>>): Record<string, string | null>[] {
  const columns = asObject(asObject(answer['manifest'])?.['schema'])?.['columns'];
  const names = (Array.isArray(columns) ? columns : []).map(
    (column: unknown) => asText(asObject(column)?.['name']) ?? '',
  );
  const data = asObject(answer['result'])?.['data_array'];
  return (Array.isArray(data) ? data : []).map((row: unknown) =>
    Object.fromEntries(
      names.map((name, at) => [
        name,
        Array.isArray(row) && row[at] !== null && row[at] !== undefined ? String(row[at]) : null,
      ]),
    ),
  );
}
