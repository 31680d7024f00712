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
 * What the WHERE clause of a SELECT and the ON clauses of its joins say about the rows of each of its tables: a
 * row that fails a condition adds nothing to the result. A column without a qualifier may be of any table: it is
 * given to all, and is of the one that has it, since a column of two is an error.
 */
export function conditionsOf(select: TreeNode): ReadonlyMap<TreeNode, readonly Comparison[]> {
  const found = new Map<TreeNode, Comparison[]>();
  const from = select['from_table'] as TreeNode | null;
  if (!from) return found;
  const names = relationNames(from);
  const where = select['where_clause'] as TreeNode | null;
  for (const { condition, tables } of [{ condition: where, tables: filteredTables(from) }, ...joinConditions(from)]) {
    for (const comparison of conjuncts(condition).flatMap(comparisons)) {
      for (const { table, column } of columnsMeant(comparison.column, tables, names)) {
        found.set(table, [...(found.get(table) ?? []), { ...comparison, column }]);
      }
    }
  }
  return found;
}

/** The columns of some of a FROM clause's tables that a name can mean. @param names of all that is in the clause. */
export function columnsMeant(
  column: readonly string[],
  tables: readonly TreeNode[],
  names: ReadonlySet<string>,
): { table: TreeNode; column: readonly string[] }[] {
  const qualifier = column.length > 1 ? column[0]!.toLowerCase() : '';
  if (!names.has(qualifier)) return tables.map((table) => ({ table, column }));
  return tables
    .filter((table) => relationName(table) === qualifier)
    .map((table) => ({ table, column: column.slice(1) }));
}

/** Names that columns of a FROM clause can be qualified with, in lower case. */
export function relationNames(from: TreeNode): ReadonlySet<string> {
  if (text(from['type']) !== 'JOIN') return new Set([relationName(from)]);
  return new Set([...relationNames(from['left'] as TreeNode), ...relationNames(from['right'] as TreeNode)]);
}

function relationName(from: TreeNode): string {
  return (text(from['alias']) || text(from['table_name']).split(TRAVEL_MARK)[0]!).toLowerCase();
}

/** Tables whose rows the WHERE clause sees as they are: no outer join adds rows of nulls to them. */
export function filteredTables(from: TreeNode): TreeNode[] {
  if (text(from['type']) === 'BASE_TABLE') return isPlain(from) ? [from] : [];
  if (!isOrdinaryJoin(from)) return [];
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

interface JoinCondition {
  readonly condition: TreeNode | null;
  readonly tables: readonly TreeNode[];
}

/** The ON clauses, each with the tables whose rows find no partner when they fail it, and are in no result then. */
function joinConditions(from: TreeNode): JoinCondition[] {
  if (!isOrdinaryJoin(from)) return [];
  const left = from['left'] as TreeNode;
  const right = from['right'] as TreeNode;
  const condition = from['condition'] as TreeNode | null;
  const type = text(from['join_type']);
  const tables = [
    ...(['INNER', 'RIGHT', 'SEMI'].includes(type) ? filteredTables(left) : []),
    ...(['INNER', 'LEFT', 'SEMI', 'ANTI'].includes(type) ? filteredTables(right) : []),
  ];
  return [{ condition, tables }, ...joinConditions(left), ...joinConditions(right)];
}

/** Not by place or by nearness, where the rows of one side decide which of the other are looked at. */
function isOrdinaryJoin(from: TreeNode): boolean {
  return text(from['type']) === 'JOIN' && ['REGULAR', 'CROSS', 'NATURAL'].includes(text(from['ref_type']));
}

/** All its rows, under its own columns' names. */
function isPlain(table: TreeNode): boolean {
  return !table['sample'] && (table['column_name_alias'] as string[]).length === 0;
}

function conjuncts(where: TreeNode | null): TreeNode[] {
  if (!where) return [];
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
    dbx_date_sub dbx_add_days dbx_add_time dbx_subtract_days dbx_subtract_time dbx_add_months dbx_to_date dbx_to_timestamp dbx_trunc dbx_last_day dbx_to_text
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
