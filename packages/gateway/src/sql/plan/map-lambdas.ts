import { refused } from '../databricks/syntax-error.ts';
import { call, intConstant, isNode, nodes, textConstant, type TreeNode } from '../duckdb/syntax-tree.ts';

/**
 * Functions of Databricks whose lambda has two parameters, by means of DuckDB's, whose lambda has one: an entry
 * of a map, or a pair of elements.
 */

/** `map_filter(map, (key, value) -> …)`. */
export function mapFilter([map, lambda]: readonly TreeNode[]): TreeNode {
  return call('map_from_entries', call('list_filter', entries(map), perEntry('map_filter', lambda)));
}

/** `transform_values(map, (key, value) -> …)`. */
export function transformValues([map, lambda]: readonly TreeNode[]): TreeNode {
  const value = perEntry('transform_values', lambda);
  return rebuilt(map, value, fieldOf(value['lhs'] as TreeNode, 'key'), value['expr'] as TreeNode);
}

/** `transform_keys(map, (key, value) -> …)`. */
export function transformKeys([map, lambda]: readonly TreeNode[]): TreeNode {
  const key = perEntry('transform_keys', lambda);
  return rebuilt(map, key, key['expr'] as TreeNode, fieldOf(key['lhs'] as TreeNode, 'value'));
}

/** `zip_with(list, list, (left, right) -> …)`. The shorter list goes on with nulls. */
export function zipWith([left, right, lambda]: readonly TreeNode[]): TreeNode {
  if (!left || !right) throw needsLambda('zip_with');
  const element = (pair: TreeNode, place: number): TreeNode => call('struct_extract_at', pair, intConstant(place));
  const made = withOneParameter('zip_with', lambda, [(pair) => element(pair, 1), (pair) => element(pair, 2)]);
  return call('list_transform', call('list_zip', left, right), made);
}

type PartOf = (parameter: TreeNode) => TreeNode;

function entries(map: TreeNode | undefined): TreeNode {
  if (!map) throw refused('A function on maps needs a map.');
  return call('map_entries', map);
}

function rebuilt(map: TreeNode | undefined, lambda: TreeNode, key: TreeNode, value: TreeNode): TreeNode {
  const entry = call('struct_pack', { ...key, alias: 'key' }, { ...value, alias: 'value' });
  return call('map_from_entries', call('list_transform', entries(map), { ...lambda, expr: entry }));
}

function perEntry(name: string, lambda: TreeNode | undefined): TreeNode {
  return withOneParameter(name, lambda, [(entry) => fieldOf(entry, 'key'), (entry) => fieldOf(entry, 'value')]);
}

function fieldOf(value: TreeNode, field: string): TreeNode {
  return call('struct_extract', { ...value }, textConstant(field));
}

/** The lambda with one parameter, of which its former parameters are parts. */
function withOneParameter(name: string, lambda: TreeNode | undefined, parts: readonly PartOf[]): TreeNode {
  const names = lambda?.['class'] === 'LAMBDA' ? parameters(lambda) : [];
  if (!lambda || names.length !== parts.length) throw needsLambda(name);
  // Not a name that a lambda around this one, or inside it, has for another pair.
  const parameter = column([names.join('\u0001')]);
  const found = new Map(names.map((given, index) => [given.toLowerCase(), parts[index]!(parameter)]));
  return { ...lambda, lhs: parameter, expr: replaced(lambda['expr'] as TreeNode, found) };
}

function parameters(lambda: TreeNode): string[] {
  const given = lambda['lhs'] as TreeNode;
  const columns = given['class'] === 'COLUMN_REF' ? [given] : nodes(given['children']);
  return columns.map((each) => (each['column_names'] as string[])[0]!);
}

/** An expression in which names stand for other expressions. */
function replaced(node: TreeNode, names: ReadonlyMap<string, TreeNode>): TreeNode {
  if (node['class'] === 'COLUMN_REF') {
    const [first, ...fields] = node['column_names'] as string[];
    const found = names.get(first!.toLowerCase());
    return found ? fields.reduce(fieldOf, { ...found }) : node;
  }
  const visible = node['class'] === 'LAMBDA' ? without(names, parameters(node)) : names;
  const inside = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(inside) : isNode(value) ? replaced(value, visible) : value;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      node['class'] === 'LAMBDA' && key === 'lhs' ? value : inside(value),
    ]),
  );
}

/** A lambda inside has names of its own. */
function without(names: ReadonlyMap<string, TreeNode>, hidden: readonly string[]): ReadonlyMap<string, TreeNode> {
  const lower = hidden.map((name) => name.toLowerCase());
  return new Map([...names].filter(([name]) => !lower.includes(name)));
}

function column(names: readonly string[]): TreeNode {
  return { class: 'COLUMN_REF', type: 'COLUMN_REF', alias: '', column_names: names };
}

function needsLambda(name: string): Error {
  return refused(`${name} needs a function of two parameters: (a, b) -> ….`);
}
