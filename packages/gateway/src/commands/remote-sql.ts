import { setTimeout as delay } from 'node:timers/promises';
import { kindOf, type OutputTable } from './sql-output.ts';

/** A running gateway to ask. */
export interface RemoteWarehouse {
  /** `http://127.0.0.1:8484` */
  readonly url: string;
  readonly token: string;
}

export interface RemoteStatement {
  readonly statement: string;
  readonly catalog?: string | undefined;
  readonly schema?: string | undefined;
}

const PATH = '/api/2.0/sql/statements';
const POLL_MS = 500;

/** The parts of the Statement Execution API's answers that are read. */
interface StatementAnswer {
  readonly statement_id: string;
  readonly status: { readonly state: string; readonly error?: { readonly message: string } };
  readonly manifest?: {
    readonly schema: { readonly columns: readonly { readonly name: string; readonly type_name: string }[] };
    readonly truncated: boolean;
  };
  readonly result?: ChunkAnswer;
}

interface ChunkAnswer {
  readonly data_array: readonly (readonly (string | null)[])[];
  readonly next_chunk_internal_link?: string;
}

/**
 * Runs a statement at a gateway, by the Statement Execution API. An aborted signal cancels it there.
 * @throws Error with the gateway's message.
 */
export async function runRemotely(
  warehouse: RemoteWarehouse,
  { statement, catalog, schema }: RemoteStatement,
  signal: AbortSignal,
): Promise<OutputTable> {
  const body = { statement, catalog, schema, warehouse_id: 'default', wait_timeout: '5s' };
  let answer = (await call(warehouse, 'POST', PATH, body)) as StatementAnswer;
  const path = `${PATH}/${answer.statement_id}`;
  while (['PENDING', 'RUNNING'].includes(answer.status.state)) {
    if (signal.aborted) await call(warehouse, 'POST', `${path}/cancel`);
    else await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    answer = (await call(warehouse, 'GET', path)) as StatementAnswer;
  }
  const { status, manifest, result } = answer;
  if (status.state !== 'SUCCEEDED' || !manifest || !result) {
    throw new Error(status.error?.message ?? `The statement is ${status.state}.`);
  }
  const rows = [...result.data_array];
  for (let next = result.next_chunk_internal_link; next !== undefined;) {
    const chunk = (await call(warehouse, 'GET', next)) as ChunkAnswer;
    for (const row of chunk.data_array) rows.push(row);
    next = chunk.next_chunk_internal_link;
  }
  const columns = manifest.schema.columns.map(({ name, type_name }) => ({ name, kind: kindOf(type_name) }));
  return { columns, rows, truncated: manifest.truncated };
}

async function call({ url, token }: RemoteWarehouse, method: string, path: string, body?: object): Promise<unknown> {
  const target = new URL(path, url);
  let response: Response;
  try {
    response = await fetch(target, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new Error(`No answer from ${target.origin}. Is the gateway running?`, { cause });
  }
  const answer = (await response.json().catch(() => undefined)) as { message?: unknown } | undefined;
  if (response.ok && answer !== undefined) return answer;
  throw new Error(
    typeof answer?.message === 'string' ? answer.message : `${target.origin} answered with HTTP ${response.status}.`,
  );
}
