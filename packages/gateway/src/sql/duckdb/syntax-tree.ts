import { json } from './raw-json.ts';

/** A node of DuckDB's syntax tree, as `json_serialize_sql` gives it. Trees are changed in place. */
export type TreeNode = { [key: string]: unknown };

export interface FunctionNode extends TreeNode {
  function_name: string;
  children: TreeNode[];
}

export function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !json.isRawJSON(value);
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function nodes(value: unknown): TreeNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The direct parts of a node, lists taken apart. */
export function partsOf(node: TreeNode): TreeNode[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? flatten(value) : isNode(value) ? [value] : []));
}

function flatten(list: readonly unknown[]): TreeNode[] {
  return list.flatMap((item) => (Array.isArray(item) ? flatten(item) : isNode(item) ? [item] : []));
}

export function isFunction(node: TreeNode): node is FunctionNode {
  return node['class'] === 'FUNCTION';
}

export function isExpression(node: TreeNode): boolean {
  return typeof node['class'] === 'string';
}

export function call(name: string, ...children: TreeNode[]): FunctionNode {
  return {
    class: 'FUNCTION',
    type: 'FUNCTION',
    alias: '',
    function_name: name,
    schema: '',
    children,
    filter: null,
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: false,
    export_state: false,
    catalog: '',
  };
}

export function textConstant(value: string | null): TreeNode {
  const type = { id: value === null ? 'NULL' : 'VARCHAR', type_info: null };
  const held = value === null ? { type, is_null: true } : { type, is_null: false, value };
  return { class: 'CONSTANT', type: 'VALUE_CONSTANT', alias: '', value: held };
}

export function intConstant(value: number): TreeNode {
  return {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    value: { type: { id: 'INTEGER', type_info: null }, is_null: false, value },
  };
}

/** @param type name of a type without arguments, or `DECIMAL(p,s)`. */
export function cast(child: TreeNode, type: string, orNull = false): TreeNode {
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  const info = decimal && {
    type: 'DECIMAL_TYPE_INFO',
    alias: '',
    modifiers: [],
    width: Number(decimal[1]),
    scale: Number(decimal[2]),
  };
  const castType = decimal ? { id: 'DECIMAL', type_info: info } : { id: type, type_info: null };
  return { class: 'CAST', type: 'OPERATOR_CAST', alias: '', child, cast_type: castType, try_cast: orNull };
}

export function isNotNull(child: TreeNode): TreeNode {
  return { class: 'OPERATOR', type: 'OPERATOR_IS_NOT_NULL', alias: '', children: [child] };
}

/** The text of a string constant. */
export function constantText(node: TreeNode | undefined): string | undefined {
  const held = node?.['class'] === 'CONSTANT' ? (node['value'] as TreeNode) : undefined;
  return typeof held?.['value'] === 'string' ? held['value'] : undefined;
}

/** The value of a whole number constant that fits. */
export function constantInt(node: TreeNode | undefined): number | undefined {
  const held = node?.['class'] === 'CONSTANT' ? (node['value'] as TreeNode) : undefined;
  return (held?.['type'] as TreeNode | undefined)?.['id'] === 'INTEGER' && typeof held?.['value'] === 'number'
    ? held['value']
    : undefined;
}

/** Replaces what a node is, keeping the object that others point to. */
export function become(node: TreeNode, other: TreeNode): void {
  const alias = text(node['alias']);
  const copy = { ...other };
  for (const key of Object.keys(node)) delete node[key];
  Object.assign(node, copy);
  if (alias !== '') node['alias'] = alias;
}
