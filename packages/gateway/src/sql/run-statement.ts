import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { ResultColumn, ResultTable } from '../unity/result-table.ts';
import { openInstance } from './duckdb/instance.ts';
import { deltaType } from './duckdb/result-type.ts';
import { valueText } from './duckdb/result-value.ts';
import type { RunRequest } from './process-calls.ts';
import { createRelations } from './relations.ts';

/**
 * Runs a planned query in a DuckDB instance of its own, which can read the given files and nothing else.
 * @throws what DuckDB throws; GatewayError `caller_sql_failed`
 */
export async function runStatement(request: RunRequest): Promise<ResultTable> {
  const paths = request.relations.flatMap((relation) => (relation.kind === 'scan' ? relation.paths : []));
  const sql = [
    request.sql,
    ...request.relations.map((relation) => (relation.kind === 'view' ? relation.sql : '')),
  ].join('\n');
  const { memoryBytes, threads } = request;
  const instance = await openInstance({ memoryBytes, threads, paths: [...new Set(paths)], sql });
  try {
    await instance.lock();
    await createRelations(instance.connection, request.relations);
    return await collect(instance.connection, request);
  } finally {
    instance.close();
  }
}

async function collect(connection: DuckDBConnection, { sql, maxRows, maxBytes }: RunRequest): Promise<ResultTable> {
  const result = await connection.stream(sql);
  const types = result.columnTypes();
  const columns = result
    .columnNames()
    .map((name, index): ResultColumn => ({ name: shownName(name), type: deltaType(types[index]!) }));
  const rows: (string | null)[][] = [];
  let bytes = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (let index = 0; index < chunk.rowCount; index += 1) {
      const row = chunk.getRowValues(index).map((value: DuckDBValue, column) => valueText(value, types[column]!));
      bytes += rowBytes(row);
      if (rows.length >= maxRows || bytes > maxBytes) return { columns, rows, truncated: true };
      rows.push(row);
    }
  }
  return { columns, rows, truncated: false };
}

/** As a row of a JSON array takes them. */
function rowBytes(row: readonly (string | null)[]): number {
  return row.reduce((sum, value) => sum + (value === null ? 5 : Buffer.byteLength(value) + 3), 2);
}

function shownName(name: string): string {
  return name.replaceAll('dbx_', '').replaceAll('count_star()', 'count(1)');
}
