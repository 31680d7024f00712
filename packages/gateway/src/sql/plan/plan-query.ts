import type { DuckDBConnection } from '@duckdb/node-api';
import { GatewayError } from '../../errors/gateway-error.ts';
import { prepareStatement, type PreparedStatement } from '../databricks/prepare-statement.ts';
import { translate } from '../databricks/translate.ts';
import { parseQuery, printQuery } from '../duckdb/parser.ts';
import { nodes, type TreeNode } from '../duckdb/syntax-tree.ts';
import { bindTables, type BoundTable } from './bind-tables.ts';
import { settleExpressions, type SessionValues } from './expressions.ts';
import { foldComparisons, foldConstants } from './fold-constants.ts';
import { mentionedNames } from './mentioned-names.ts';
import { nameOutputs } from './name-outputs.ts';
import { parameterValue } from './parameters.ts';
import { passedColumns } from './passed-columns.ts';
import { relationName, type PlanRequest, type QueryPlan, type TableReference } from './query-plan.ts';

/**
 * Checks one query and turns it into DuckDB's SQL over relations of ours.
 * @param connection of an instance without tables and without access to anything.
 * @param number of the plan, unique within the statement.
 * @throws GatewayError `caller_sql_syntax`, `caller_sql_refused`, `caller_sql_failed`
 */
export async function planQuery(
  connection: DuckDBConnection,
  request: PlanRequest,
  number: number,
): Promise<QueryPlan> {
  const prepared = prepareStatement(request.sql);
  const session = sessionOf(request, prepared);
  const statement = await checkedTree(connection, prepared, request.sql, session);
  const bound = bindTables(statement, request.defaults, (table) => relationName(number, table));
  const mentioned = mentionedNames(statement);
  const tables: TableReference[] = [];
  for (const table of bound) {
    const at = await travelOf(connection, table, prepared, session);
    const conditions = await foldComparisons(connection, table.comparisons);
    tables.push({ name: table.name, at, conditions, mentioned: mentioned && [...mentioned] });
  }
  return { sql: await printQuery(connection, statement), tables, passed: passedColumns(statement, bound) };
}

async function checkedTree(
  connection: DuckDBConnection,
  prepared: PreparedStatement,
  original: string,
  session: SessionValues,
): Promise<TreeNode> {
  const statement = await parseQuery(connection, translate(prepared.text, original), original);
  settleExpressions(statement, session);
  nameOutputs(statement, prepared.outputs);
  return statement;
}

function sessionOf(request: PlanRequest, prepared: PreparedStatement): SessionValues {
  const { userName, defaults, parameters } = request;
  return { userName, ...defaults, parameter: (marker) => parameterValue(prepared.markers[marker], parameters) };
}

async function travelOf(
  connection: DuckDBConnection,
  { travel }: BoundTable,
  prepared: PreparedStatement,
  session: SessionValues,
): Promise<TableReference['at']> {
  if (travel === undefined) return undefined;
  if (travel.startsWith('V')) return { version: Number(travel.slice(1)) };
  const expression = prepared.timestamps[Number(travel.slice(1))]!;
  const query = prepareStatement(`SELECT CAST(${expression} AS TIMESTAMP)`);
  const statement = await checkedTree(connection, query, expression, session);
  const [value] = nodes((statement['node'] as TreeNode)['select_list']);
  const [result] = await foldConstants(connection, [value!]).catch(() => [undefined]);
  if (result?.type === 'timestamp') return { timestamp: Date.parse(result.value) };
  throw new GatewayError('caller_sql_failed', `[INVALID_TIME_TRAVEL_TIMESTAMP_EXPR] ${expression} is not a timestamp.`);
}
