import { spawn } from 'node:child_process';
import path from 'node:path';
import { ended, tieToThisProcess } from '../../support/child-processes.ts';
import { databricksSql, type SqlSession } from '../../support/databricks-sql.ts';
import { pythonEnvironment } from '../../support/python.ts';
import { repositoryRoot } from '../../support/repository.ts';
import type { TlsProxy } from '../../support/tls-proxy.ts';

const CONNECTOR = 'databricks-sql-connector==4.9.0';
const script = path.join(repositoryRoot, 'test', 'e2e', 'support', 'run-statements.py');

/** Where a warehouse is: both drivers speak only TLS. */
export interface SqlTarget {
  readonly tls: TlsProxy;
  readonly token: string;
}

/** Installs both drivers. */
export async function installSqlClients(): Promise<void> {
  await Promise.all([databricksSql(), pythonEnvironment([CONNECTOR])]);
}

/** Opens a session with the Node driver for the time of `work`. */
export async function withNodeSession<T>(
  { tls, token }: SqlTarget,
  work: (session: SqlSession) => Promise<T>,
  options?: { initialCatalog?: string; initialSchema?: string },
): Promise<T> {
  const { DBSQLClient } = await databricksSql();
  const client = new DBSQLClient({ logger: { log: () => {} } });
  await client.connect({ host: 'localhost', port: tls.port, path: '/sql/1.0/warehouses/default', token });
  try {
    return await work(await client.openSession(options));
  } finally {
    await client.close();
  }
}

/** Runs one statement with the Node driver and fetches all of its rows. */
export async function nodeRows(
  session: SqlSession,
  sql: string,
  options?: Record<string, unknown>,
): Promise<Record<string, unknown>[]> {
  const operation = await session.executeStatement(sql, options);
  const rows = await operation.fetchAll();
  await operation.close();
  return rows;
}

/** One thing for the Python connector to do. */
export type PythonStep =
  | { sql: string; parameters?: unknown[] | Record<string, unknown> }
  | { call: string; arguments: Record<string, string> };

/** What became of it: at most 20 rows, values that JSON does not have as `{type, text}`. */
export interface PythonResult {
  /** Name, type, precision, scale. */
  columns?: [string, string, number | null, number | null][];
  count?: number;
  rows?: unknown[][];
  error?: string;
  message?: string;
}

/** Runs the steps in one connection of the Python connector. */
export async function pythonResults({ tls, token }: SqlTarget, steps: readonly PythonStep[]): Promise<PythonResult[]> {
  const { python } = await pythonEnvironment([CONNECTOR]);
  const child = spawn(python, [script, 'localhost', String(tls.port), tls.certificate, token]);
  tieToThisProcess(child);
  let output = '';
  let problems = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (problems += text));
  child.stdin.end(JSON.stringify(steps));
  const code = await ended(child);
  if (code !== 0) throw new Error(`The Python connector ended with ${code}:\n${problems}`);
  return JSON.parse(output) as PythonResult[];
}
