import { PARAMETER_FUNCTION, TRY_FUNCTION } from '../databricks/prepare-statement.ts';
import { PROTECTED } from '../databricks/protected-functions.ts';
import { refused } from '../databricks/syntax-error.ts';
import { allowedFunctions, allowedTableFunctions, lambdaFunctions } from '../duckdb/allowed-functions.ts';
import { macroNames } from '../duckdb/macros.ts';
import {
  become,
  call,
  cast,
  constantInt,
  constantText,
  isFunction,
  isNode,
  nodes,
  partsOf,
  text,
  textConstant,
  type FunctionNode,
  type TreeNode,
} from '../duckdb/syntax-tree.ts';
import { castTo, rewriteFunction } from './function-rewrites.ts';
import { words } from '../words.ts';

/** Values of the session and of the statement. */
export interface SessionValues {
  readonly userName: string;
  readonly catalog: string;
  readonly schema: string;
  /** The value of the parameter marker of a number, as an expression. */
  parameter(number: number): TreeNode;
}

/** Kinds of nodes that a query may have. Anything else is refused, what DuckDB adds later included. */
const expressionClasses = new Set(
  words(`
    FUNCTION COLUMN_REF CONSTANT COMPARISON CONJUNCTION OPERATOR CASE CAST SUBQUERY STAR WINDOW LAMBDA
    LAMBDA_REF BETWEEN POSITIONAL_REFERENCE
  `),
);
const nodeTypes = new Set(
  words(`
    SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION
    EXPRESSION_LIST EMPTY LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER ORDER_MODIFIER DISTINCT_MODIFIER
    ORDER_DEFAULT ASCENDING DESCENDING
  `),
);
const refusedTypes: Readonly<Record<string, string>> = {
  SHOW_REF: 'DESCRIBE, SHOW and EXPLAIN are not offered inside a query.',
  PIVOT: 'PIVOT is not offered.',
};

/**
 * Goes through a query's tree: refuses what is not known to be harmless, and gives calls the meaning they
 * have in Databricks SQL.
 * @throws GatewayError `caller_sql_refused`
 */
export function settleExpressions(node: TreeNode, session: SessionValues): void {
  checkKind(node);
  for (const part of childrenOf(node)) settleExpressions(part, session);
  if (isFunction(node)) return settleFunction(node, session);
  if (node['class'] === 'WINDOW') return checkFunctionName(node);
  if (node['class'] === 'CAST') return settleCast(node);
  if (node['class'] === 'CONSTANT') return settleConstant(node);
  if (node['type'] === 'ARRAY_EXTRACT') return settleSubscript(node);
  if (node['class'] === 'COLUMN_REF') return settleColumn(node, session);
  if (node['class'] === 'LAMBDA') return settlePath(node);
  if (node['type'] === 'ORDER_MODIFIER') return settleOrder(node);
  if (node['type'] === 'TABLE_FUNCTION') checkTableFunction(node);
}

function checkKind(node: TreeNode): void {
  const kind = node['class'];
  const type = text(node['type']);
  if (typeof kind === 'string') {
    if (!expressionClasses.has(kind)) throw refused(`An expression of the kind ${kind} is not offered.`);
  } else if (type !== '' && !nodeTypes.has(type)) {
    throw refused(refusedTypes[type] ?? `A query with ${type} is not offered.`);
  }
}

/** Parts that are expressions, tables or queries; not the insides of types and values. */
function childrenOf(node: TreeNode): TreeNode[] {
  const { cast_type: _type, value: _value, sample: _sample, ...rest } = node;
  const children = partsOf(
    node['class'] === 'CONSTANT' ? rest : node['class'] === 'CAST' ? rest : { ...rest, value: node['value'] },
  );
  if (!isFunction(node) || !lambdaFunctions.has(node.function_name.toLowerCase())) return children;
  return children.map((child) => (child['class'] === 'LAMBDA' ? (child['expr'] as TreeNode) : child));
}

function checkFunctionName(node: TreeNode): void {
  const name = text(node['function_name']).toLowerCase();
  const schema = text(node['schema']);
  if (text(node['catalog']) !== '' || (schema !== '' && schema !== 'main'))
    throw refused(`The function ${name} is not offered.`);
  node['function_name'] = name;
}

function settleFunction(node: FunctionNode, session: SessionValues): void {
  checkFunctionName(node);
  const name = node.function_name;
  if (name === PARAMETER_FUNCTION) return become(node, session.parameter(constantInt(node.children[0]) ?? -1));
  if (name === TRY_FUNCTION) return becomeTryCast(node);
  const value = sessionValue(name, session);
  if (value !== undefined && node.children.length === 0) return become(node, named(textConstant(value), `${name}()`));
  const rewritten = rewriteFunction(node);
  if (rewritten !== undefined && rewritten !== node) return become(node, rewritten);
  if (allowedFunctions.has(name) || macroNames.has(name)) return;
  throw refused(`The function ${name.replace(PROTECTED, '')} is not offered.`);
}

function becomeTryCast(node: FunctionNode): void {
  const [inner] = node.children;
  if (inner === undefined || node.children.length !== 1) throw refused('try_cast needs an expression and a type.');
  const made = inner['class'] === 'CAST' ? inner : undefined;
  if (made) return become(node, { ...made, try_cast: true });
  become(node, { class: 'OPERATOR', type: 'OPERATOR_TRY', alias: '', children: [inner] });
}

function settleCast(node: TreeNode): void {
  node['try_cast'] = false;
  const type = node['cast_type'] as TreeNode;
  requireType(type);
  if (type['id'] === 'TIMESTAMP') node['cast_type'] = { id: 'TIMESTAMP WITH TIME ZONE', type_info: null };
  if (type['id'] === 'VARCHAR') become(node, castTo(node['child'] as TreeNode, 'VARCHAR'));
}

/** A DOUBLE is printed without its exponent, as a DECIMAL would be. */
function settleConstant(node: TreeNode): void {
  const held = node['value'] as TreeNode;
  if ((held['type'] as TreeNode)['id'] === 'DOUBLE') become(node, cast({ ...node }, 'DOUBLE'));
}

/** A type that is spelled out by the parser, not looked up by name. */
function requireType(type: TreeNode): void {
  const id = text(type['id']);
  if (/^(USER|UNBOUND|ENUM|AGGREGATE_STATE|TYPE)$/.test(id) || holdsExpression(type))
    throw refused('[UNSUPPORTED_DATATYPE] The type of a cast is not offered.');
}

function holdsExpression(value: TreeNode): boolean {
  return 'class' in value || partsOf(value).some(holdsExpression);
}

/** `list[0]` is the first element in Databricks, the second is `list[1]`. */
function settleSubscript(node: TreeNode): void {
  const [value, index] = nodes(node['children']);
  if (value === undefined || index === undefined || constantText(index) !== undefined) return;
  become(node, call(`${PROTECTED}index`, value, index));
}

function settleColumn(node: TreeNode, session: SessionValues): void {
  const names = node['column_names'] as string[];
  if (names.length !== 1) return;
  const name = names[0]!.toLowerCase();
  const value = sessionValue(name, session);
  if (value !== undefined && name !== 'user') become(node, named(textConstant(value), `${name}()`));
}

/** `text:path`, which the translator writes as an arrow. */
function settlePath(node: TreeNode): void {
  const path = constantText(node['expr'] as TreeNode);
  if (path === undefined || !path.startsWith('$')) throw refused('A lambda is not offered here.');
  become(node, call(`${PROTECTED}get_json_object`, node['lhs'] as TreeNode, textConstant(path)));
}

/** `ORDER BY ALL`. */
function settleOrder(node: TreeNode): void {
  for (const order of nodes(node['orders'])) {
    const expression = order['expression'] as TreeNode;
    const [name, more] = (expression['column_names'] as string[] | undefined) ?? [];
    if (name?.toLowerCase() !== `${PROTECTED}all` || more !== undefined) continue;
    become(expression, {
      class: 'STAR',
      type: 'STAR',
      alias: '',
      relation_name: '',
      exclude_list: [],
      replace_list: [],
      columns: true,
      expr: null,
      unpacked: false,
      qualified_exclude_list: [],
      rename_list: [],
    });
  }
}

function checkTableFunction(node: TreeNode): void {
  const made = node['function'];
  const name = isNode(made) ? text(made['function_name']) : '';
  if (!allowedTableFunctions.has(name))
    throw refused(`The table function ${name.replace(PROTECTED, '')} is not offered.`);
  if (name !== 'range') return;
  // Its column is `id`.
  if ((node['column_name_alias'] as string[]).length === 0) node['column_name_alias'] = ['id'];
  if (text(node['alias']) === '') node['alias'] = 'range';
}

function sessionValue(name: string, session: SessionValues): string | undefined {
  switch (name) {
    case 'current_user':
    case 'session_user':
    case 'user':
      return session.userName;
    case 'current_catalog':
      return session.catalog;
    case 'current_schema':
    case 'current_database':
      return session.schema;
    default:
      return undefined;
  }
}

function named(node: TreeNode, alias: string): TreeNode {
  return { ...node, alias };
}
