import { DuckDBInstance } from '@duckdb/node-api';
import type { Lake, ScanRequest } from '../../packages/gateway/src/lake/lake.ts';

/** The rows of a table as our SQL reads them, values as DuckDB's JSON has them. */
export async function readRows(
  lake: Pick<Lake, 'scan'>,
  location: string,
  request?: ScanRequest,
): Promise<Record<string, unknown>[]> {
  const { sql } = await lake.scan(location, request);
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    instance.closeSync();
  }
}
