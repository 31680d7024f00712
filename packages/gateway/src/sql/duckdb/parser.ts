import type { DuckDBConnection } from '@duckdb/node-api';
import { syntaxError } from '../databricks/syntax-error.ts';
import { tokenize } from '../databricks/tokens.ts';
import { json } from './raw-json.ts';
import type { TreeNode } from './syntax-tree.ts';

interface Serialized {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly statements?: readonly TreeNode[];
}

/**
 * DuckDB's syntax tree of one query. It has trees for SELECT and its relatives only, so nothing that writes,
 * attaches or sets gets through.
 * @param original the caller's text, for the error.
 * @throws GatewayError `caller_sql_syntax`
 */
export async function parseQuery(connection: DuckDBConnection, sql: string, original: string): Promise<TreeNode> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)::VARCHAR', [sql]);
  const parsed = JSON.parse(String(reader.value(0, 0)), keepDigits) as Serialized;
  const [statement, second] = parsed.statements ?? [];
  if (parsed.error) {
    const problem = (parsed.error_message ?? 'not a query').replaceAll('dbx_', '').split('\n')[0]!;
    throw syntaxError(original, placeOf(problem, original), problem);
  }
  if (statement === undefined || second !== undefined)
    throw syntaxError(original, undefined, 'exactly one query is expected');
  return statement;
}

/** Where the fault is in the caller's text, of which a translation was parsed: at the one token it can be. */
function placeOf(problem: string, original: string): number | undefined {
  const near = /at or near "(.*)"$/.exec(problem)?.[1]?.toLowerCase();
  const [token, second] = tokenize(original).filter(({ text }) => text.toLowerCase() === near);
  return second === undefined ? token?.start : undefined;
}

/** The SQL text of a tree, or of several with `;` between. */
export async function printQuery(connection: DuckDBConnection, statement: TreeNode): Promise<string> {
  const tree = JSON.stringify({ error: false, statements: [statement] });
  const reader = await connection.runAndReadAll('SELECT json_deserialize_sql($1::VARCHAR::JSON)', [tree]);
  return String(reader.value(0, 0));
}

/** An expression as a query of its own. */
export function selectOf(expressions: readonly TreeNode[]): TreeNode {
  const node = {
    type: 'SELECT_NODE',
    modifiers: [],
    cte_map: { map: [] },
    select_list: expressions,
    from_table: { type: 'EMPTY', alias: '', sample: null },
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: 'STANDARD_HANDLING',
    having: null,
    sample: null,
    qualify: null,
  };
  return { node, named_param_map: [] };
}

/** Numbers that JavaScript would write in another way (large BIGINT and HUGEINT constants, `1.0`) stay as they are. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return String(value) === context.source ? value : json.rawJSON(context.source);
}
