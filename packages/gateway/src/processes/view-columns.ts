import { field, struct, type StructType } from '../lake/schema/delta-type.ts';
import type { SqlEngine, StatementRequest } from '../sql/statement.ts';

/**
 * The columns a view's SELECT gives, found by running it for one row with the rights of whoever makes it.
 * @throws GatewayError what is wrong with it.
 */
export async function viewColumns(sql: SqlEngine, request: StatementRequest): Promise<StructType> {
  const { columns } = await sql.execute({ ...request, rowLimit: 1 });
  return struct(...columns.map(({ name, type }) => field(name, type)));
}
