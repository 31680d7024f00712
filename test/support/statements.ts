/** The rows of a statement run through the SQL Statement Execution API of a gateway, as objects of text. */
export async function runSql(
  gateway: { readonly url: string; readonly token: string },
  statement: string,
): Promise<Record<string, string | null>[]> {
  const headers = { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' };
  const base = `${gateway.url}/api/2.0/sql/statements`;
  const body = JSON.stringify({ statement, warehouse_id: 'default', wait_timeout: '50s' });
  const response = await fetch(base, { method: 'POST', headers, body });
  const answer = (await response.json()) as StatementAnswer;
  if (answer.status?.state !== 'SUCCEEDED') throw new Error(`${statement}\n${JSON.stringify(answer)}`);
  const columns = answer.manifest?.schema.columns.map((column) => column.name) ?? [];
  const rows: (string | null)[][] = [];
  for (let chunk = answer.result; chunk;) {
    rows.push(...(chunk.data_array ?? []));
    const next = chunk.next_chunk_index;
    if (next === undefined) break;
    const following = await fetch(`${base}/${answer.statement_id}/result/chunks/${next}`, { headers });
    chunk = (await following.json()) as StatementAnswer['result'];
  }
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])));
}

/** Runs a query until its rows are as wanted, or for `limitMs`; gives the last rows. */
export async function pollSql(
  gateway: { readonly url: string; readonly token: string },
  statement: string,
  wanted: (rows: Record<string, string | null>[]) => boolean,
  limitMs = 90_000,
): Promise<Record<string, string | null>[]> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const rows = await runSql(gateway, statement);
    if (wanted(rows) || Date.now() > deadline) return rows;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

interface StatementAnswer {
  readonly statement_id: string;
  readonly status?: { readonly state: string };
  readonly manifest?: { readonly schema: { readonly columns: readonly { readonly name: string }[] } };
  result?: { readonly data_array?: (string | null)[][]; readonly next_chunk_index?: number };
}
