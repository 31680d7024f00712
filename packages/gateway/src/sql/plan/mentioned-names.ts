import { partsOf, text, type TreeNode } from '../duckdb/syntax-tree.ts';
import { RELATION_SCHEMA } from './query-plan.ts';

/**
 * The names in a query that may be columns of its tables, in lower case: too many rather than too few.
 * `undefined` where it may need columns that it does not name.
 * @param statement its tables bound, so that each has an alias.
 */
export function mentionedNames(statement: TreeNode): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  const tables = new Set<string>();
  const alone = new Set<string>();
  let all = false;
  const visit = (node: TreeNode, above: boolean): void => {
    const type = text(node['type']);
    // Of common tables and subqueries, all columns are those that they name themselves.
    const starMeansAll = type === 'SELECT_NODE' ? readsTable(node['from_table']) : above;
    if (node['class'] === 'STAR' && starMeansAll) all = true;
    if (node['class'] === 'POSITIONAL_REFERENCE') all = true;
    if (type === 'JOIN') {
      if (text(node['ref_type']) === 'NATURAL') all = true;
      for (const name of node['using_columns'] as string[]) names.add(name.toLowerCase());
    }
    if (type === 'BASE_TABLE') {
      tables.add(text(node['alias']).toLowerCase());
      // Other names for all of its columns, by their place.
      if ((node['column_name_alias'] as string[]).length > 0) all = true;
    }
    if (node['class'] === 'COLUMN_REF') {
      const parts = (node['column_names'] as string[]).map((name) => name.toLowerCase());
      for (const name of parts) names.add(name);
      if (parts.length === 1) alone.add(parts[0]!);
    }
    for (const part of partsOf(node)) visit(part, starMeansAll);
  };
  visit(statement, true);
  // The name of a table by itself is a whole row of it.
  return all || [...alone].some((name) => tables.has(name)) ? undefined : names;
}

/** Whether a table is among what a FROM clause joins; what is not known may be one. */
function readsTable(from: unknown): boolean {
  const node = from as TreeNode | null | undefined;
  switch (text(node?.['type'])) {
    case 'JOIN':
      return readsTable(node?.['left']) || readsTable(node?.['right']);
    case 'BASE_TABLE':
      return text(node?.['schema_name']) === RELATION_SCHEMA;
    case 'SUBQUERY':
      return false;
    default:
      return true;
  }
}
