import { nodes, partsOf, text, type TreeNode } from '../duckdb/syntax-tree.ts';
import type { BoundTable } from './bind-tables.ts';
import type { PassedColumn } from './query-plan.ts';
import { columnsMeant, filteredTables, relationNames } from './scan-conditions.ts';

/**
 * The columns of a query's result with the tables' columns that they are, for a query that takes rows one by one:
 * a condition on such a column of the result is one on the table. Nothing for any other query.
 */
export function passedColumns(statement: TreeNode, tables: readonly BoundTable[]): PassedColumn[] {
  const select = statement['node'] as TreeNode;
  const from = select['from_table'] as TreeNode | null;
  if (!from || !isRowByRow(select)) return [];
  const filtered = filteredTables(from).filter((node) => tables.some((table) => table.node === node));
  const names = relationNames(from);
  return nodes(select['select_list']).map((item) => {
    const column = item['class'] === 'COLUMN_REF' ? (item['column_names'] as string[]) : undefined;
    const meant = isWholeStar(item) ? columnsMeant([], filtered, names) : columnsMeant(column ?? [], filtered, names);
    const known = column !== undefined || isWholeStar(item) ? meant : [];
    return {
      name: item['class'] === 'STAR' ? '*' : text(item['alias']) || (column?.at(-1) ?? ''),
      sources: known.map((source) => ({
        table: tables.findIndex(({ node }) => node === source.table),
        column: source.column,
      })),
    };
  });
}

/**
 * Each row of the result from one row of each table, whatever the others are. With a plain column in its select
 * list and no GROUP BY, a query cannot aggregate.
 */
function isRowByRow(select: TreeNode): boolean {
  return (
    select['type'] === 'SELECT_NODE' &&
    nodes(select['modifiers']).every(({ type }) => type === 'ORDER_MODIFIER') &&
    nodes(select['group_expressions']).length === 0 &&
    (select['group_sets'] as unknown[]).length === 0 &&
    select['aggregate_handling'] === 'STANDARD_HANDLING' &&
    !select['having'] &&
    !select['qualify'] &&
    !select['sample'] &&
    !nodes(select['select_list']).some(hasWindow)
  );
}

function hasWindow(node: TreeNode): boolean {
  return node['class'] === 'WINDOW' || partsOf(node).some(hasWindow);
}

/** `*`, with every column under its own name. */
function isWholeStar(item: TreeNode): boolean {
  return (
    item['class'] === 'STAR' &&
    text(item['relation_name']) === '' &&
    item['columns'] !== true &&
    !item['expr'] &&
    ['replace_list', 'rename_list'].every((list) => ((item[list] as unknown[] | undefined) ?? []).length === 0)
  );
}
