import { TRAVEL_MARK } from '../databricks/prepare-statement.ts';
import { nodes, text, type TreeNode } from '../duckdb/syntax-tree.ts';
import type { ScanCondition } from './query-plan.ts';
import { words } from '../words.ts';

/** A condition whose constants are expressions still. */
export interface Comparison {
  readonly column: readonly string[];
  readonly operator: ScanCondition['operator'];
  readonly constants: readonly TreeNode[];
  /** The column is compared as a date: `date(column) = …`. */
  readonly asDate: boolean;
}

const operators: Readonly<Record<string, ScanCondition['operator']>> = {
  COMPARE_EQUAL: '=',
  COMPARE_LESSTHAN: '<',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHAN: '>',
  COMPARE_GREATERTHANOREQUALTO: '>=',
};
const mirrored = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/**
 * What the WHERE clause of a SELECT says about the rows of each of its tables. Only tables whose rows no
 * outer join can add to the result as nulls are looked at, so a row that fails a condition is in no result.
 */
export function conditionsOf(select: TreeNode): ReadonlyMap<TreeNode, readonly Comparison[]> {
  const found = new Map<TreeNode, Comparison[]>();
  const from = select['from_table'] as TreeNode | null;
  const where = select['where_clause'] as TreeNode | null;
  if (!from || !where) return found;
  const tables = filteredTables(from);
  const alone = text(from['type']) === 'BASE_TABLE';
  for (const comparison of conjuncts(where).flatMap(comparisons)) {
    const table = tables.find((candidate) => belongs(comparison.column, candidate, alone));
    if (!table) continue;
    const column = alone && !qualified(comparison.column, table) ? comparison.column : comparison.column.slice(1);
    found.set(table, [...(found.get(table) ?? []), { ...comparison, column }]);
  }
  return found;
}

function filteredTables(from: TreeNode): TreeNode[] {
  const type = text(from['type']);
  if (type === 'BASE_TABLE') return [from];
  if (type !== 'JOIN') return [];
  const left = from['left'] as TreeNode;
  const right = from['right'] as TreeNode;
  switch (text(from['join_type'])) {
    case 'INNER':
      return [...filteredTables(left), ...filteredTables(right)];
    case 'LEFT':
    case 'SEMI':
    case 'ANTI':
      return filteredTables(left);
    case 'RIGHT':
      return filteredTables(right);
    default:
      return [];
  }
}

/** A column without a qualifier may be any table's when there are several. */
function belongs(column: readonly string[], table: TreeNode, alone: boolean): boolean {
  return qualified(column, table) || alone;
}

function qualified(column: readonly string[], table: TreeNode): boolean {
  const alias = text(table['alias']) || text(table['table_name']).split(TRAVEL_MARK)[0]!;
  return column.length > 1 && column[0]!.toLowerCase() === alias.toLowerCase();
}

function conjuncts(where: TreeNode): TreeNode[] {
  return where['type'] === 'CONJUNCTION_AND' ? nodes(where['children']).flatMap(conjuncts) : [where];
}

function comparisons(node: TreeNode): Comparison[] {
  const type = text(node['type']);
  if (node['class'] === 'BETWEEN' && type === 'COMPARE_BETWEEN') {
    const input = node['input'] as TreeNode;
    return [...compare('>=', input, node['lower'] as TreeNode), ...compare('<=', input, node['upper'] as TreeNode)];
  }
  if (node['class'] === 'OPERATOR') return operatorComparison(type, nodes(node['children']));
  const operator = node['class'] === 'COMPARISON' ? operators[type] : undefined;
  if (operator === undefined) return [];
  const left = node['left'] as TreeNode;
  const right = node['right'] as TreeNode;
  return [...compare(operator, left, right), ...compare(mirrored[operator as keyof typeof mirrored], right, left)];
}

function operatorComparison(type: string, [value, ...rest]: readonly TreeNode[]): Comparison[] {
  const column = value && columnOf(value);
  if (!column || column.asDate) return [];
  if (type === 'OPERATOR_IS_NULL') return [{ ...column, operator: 'is null', constants: [] }];
  if (type === 'OPERATOR_IS_NOT_NULL') return [{ ...column, operator: 'is not null', constants: [] }];
  if (type === 'COMPARE_IN' && rest.length > 0 && rest.every(isConstant))
    return [{ ...column, operator: 'in', constants: rest }];
  return [];
}

function compare(operator: ScanCondition['operator'], left: TreeNode, right: TreeNode): Comparison[] {
  const column = columnOf(left);
  return column && isConstant(right) ? [{ ...column, operator, constants: [right] }] : [];
}

function columnOf(node: TreeNode): { column: readonly string[]; asDate: boolean } | undefined {
  if (node['class'] === 'COLUMN_REF' && !isClock(node))
    return { column: node['column_names'] as string[], asDate: false };
  const type = node['class'] === 'CAST' ? text((node['cast_type'] as TreeNode)['id']) : undefined;
  const child = node['child'] as TreeNode;
  if (type !== 'DATE' || child['class'] !== 'COLUMN_REF' || isClock(child)) return undefined;
  return { column: child['column_names'] as string[], asDate: true };
}

/** Functions whose value is known before the statement runs. Nothing that can take long or much memory. */
const foldable = new Set(
  words(`
    + - now today get_current_timestamp date_trunc trunc make_date to_timestamp lower upper to_years
    to_months to_weeks to_days to_hours to_minutes to_seconds to_milliseconds to_microseconds dbx_date_add
    dbx_date_sub dbx_add_interval dbx_subtract_interval dbx_add_months dbx_to_date dbx_to_timestamp dbx_trunc dbx_last_day dbx_to_text
  `),
);

function isConstant(node: TreeNode): boolean {
  if (node['class'] === 'CONSTANT' || isClock(node)) return true;
  if (node['class'] === 'CAST') return isConstant(node['child'] as TreeNode);
  if (node['class'] !== 'FUNCTION' || node['filter'] || node['distinct']) return false;
  return foldable.has(text(node['function_name'])) && nodes(node['children']).every(isConstant);
}

/** `CURRENT_DATE` and `CURRENT_TIMESTAMP`, which the parser takes for columns. */
function isClock(node: TreeNode): boolean {
  const names = node['class'] === 'COLUMN_REF' ? (node['column_names'] as string[]) : [];
  return names.length === 1 && /^current_(date|timestamp)$/i.test(names[0]!);
}
