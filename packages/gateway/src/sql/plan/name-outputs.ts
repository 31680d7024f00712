import { nodes, text, type TreeNode } from '../duckdb/syntax-tree.ts';

/** Names the columns of a query that have no name of their own after what the caller wrote. */
export function nameOutputs(statement: TreeNode, outputs: readonly string[]): void {
  const list = nodes(firstSelect(statement['node'] as TreeNode)?.['select_list']);
  if (list.length !== outputs.length) return;
  for (const [index, item] of list.entries()) {
    if (isUnnamed(item)) item['alias'] = outputs[index]!;
  }
}

function firstSelect(node: TreeNode): TreeNode | undefined {
  if (node['type'] === 'SELECT_NODE') return node;
  const first = (node['left'] ?? nodes(node['children'])[0]) as TreeNode | undefined;
  return first && firstSelect(first);
}

/** `unnest` of a struct gives several columns, a star too. */
function isUnnamed(item: TreeNode): boolean {
  if (text(item['alias']) !== '' && !/^\w+\(\)$/.test(text(item['alias']))) return false;
  return item['class'] !== 'COLUMN_REF' && item['class'] !== 'STAR' && item['function_name'] !== 'unnest';
}
