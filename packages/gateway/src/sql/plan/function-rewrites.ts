import { PROTECTED } from '../databricks/protected-functions.ts';
import { refused } from '../databricks/syntax-error.ts';
import { strftimeFormat, strptimeFormat } from '../duckdb/date-format.ts';
import { duckType } from '../duckdb/duck-type.ts';
import {
  call,
  cast,
  constantText,
  isNotNull,
  text,
  textConstant,
  type FunctionNode,
  type TreeNode,
} from '../duckdb/syntax-tree.ts';

import { parseTypeText } from '../../unity/ddl/parse-type.ts';
import { mapFilter, transformKeys, transformValues, zipWith } from './map-lambdas.ts';

/** What a call becomes. The arguments are rewritten already. */
type Rewrite = (args: readonly TreeNode[], node: FunctionNode) => TreeNode;

/** The rewriting of the function of a name, where it has one. */
export function rewriteFunction(node: FunctionNode): TreeNode | undefined {
  return rewrites.get(node.function_name)?.(node.children, node);
}

/** The type that a function of a type's name casts to: `bigint(x)`. */
const castFunctions: Readonly<Record<string, string>> = {
  bigint: 'BIGINT',
  long: 'BIGINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  smallint: 'SMALLINT',
  tinyint: 'TINYINT',
  double: 'DOUBLE',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  string: 'VARCHAR',
  decimal: 'DECIMAL(10,0)',
  binary: 'BLOB',
};

/** Functions whose last argument is a datetime pattern: the macro for a call with one. */
const patterned: Readonly<Record<string, string>> = {
  date_format: 'strftime',
  to_char: 'strftime',
  to_varchar: 'strftime',
  to_date: 'to_date',
  to_timestamp: 'strptime',
  try_to_timestamp: 'try_strptime',
  from_unixtime: 'from_unixtime',
  unix_timestamp: 'strptime',
  to_unix_timestamp: 'strptime',
};

const rewrites = new Map<string, Rewrite>([
  ['current_timestamp', () => call('now')],
  ['current_date', () => call('today')],
  ['/', (args) => protectedCall('divide', args)],
  ['//', (args) => protectedCall('integer_divide', args)],
  ['%', (args) => protectedCall('remainder', args)],
  ['mod', (args) => protectedCall('remainder', args)],
  ['+', (args, node) => withInterval('add', args, node)],
  ['-', (args, node) => withInterval('subtract', args, node)],
  ...protect({
    map_filter: mapFilter,
    transform_values: transformValues,
    transform_keys: transformKeys,
    zip_with: zipWith,
    transform: ([list, step]) => call('list_transform', list!, step!),
    exists: ([list, test]) => call('list_bool_or', call('list_transform', list!, test!)),
    any_match: ([list, test]) => call('list_bool_or', call('list_transform', list!, test!)),
    forall: ([list, test]) => call('list_bool_and', call('list_transform', list!, test!)),
    aggregate: fold,
    reduce: fold,
    every: (args, node) => renamed(node, 'bool_and', args),
    some: (args, node) => renamed(node, 'bool_or', args),
    bool_or: (args, node) => renamed(node, 'bool_or', args),
    percentile: (args, node) => renamed(node, 'quantile_cont', args.slice(0, 2)),
    percentile_approx: (args, node) => renamed(node, 'quantile_disc', args.slice(0, 2)),
    approx_percentile: (args, node) => renamed(node, 'quantile_disc', args.slice(0, 2)),
    collect_set: ([value], node) => ({
      ...renamed(node, 'array_agg', [value!]),
      distinct: true,
      filter: node['filter'] ?? isNotNull(value!),
    }),
    typeof: ([value]) => protectedCall('type_name', [call('typeof', value!)]),
    named_struct: namedStruct,
    map: mapOf,
    array: (args) => call('list_value', ...args),
    from_json: fromJson,
  }),
  ...protect(
    Object.fromEntries(Object.entries(castFunctions).map(([name, type]) => [name, ([value]) => castTo(value!, type)])),
  ),
  ...protect(
    Object.fromEntries(Object.keys(patterned).map((name) => [name, (args, node) => withPattern(name, args, node)])),
  ),
]);

/** A cast as Databricks makes it: text of a timestamp has no zone. */
export function castTo(value: TreeNode, type: string): TreeNode {
  return type === 'VARCHAR' && value['class'] !== 'CONSTANT' ? call(`${PROTECTED}to_text`, value) : cast(value, type);
}

function protect(entries: Readonly<Record<string, Rewrite>>): [string, Rewrite][] {
  return Object.entries(entries).map(([name, rewrite]) => [PROTECTED + name, checked(name, rewrite)]);
}

/** DuckDB names a missing argument badly; say it ourselves. */
function checked(name: string, rewrite: Rewrite): Rewrite {
  return (args, node) => {
    if (args.length === 0 && name !== 'array' && name !== 'map' && name !== 'unix_timestamp')
      throw refused(`${name} needs arguments.`);
    return rewrite(args, node);
  };
}

function protectedCall(name: string, args: readonly TreeNode[]): TreeNode {
  return call(PROTECTED + name, ...args);
}

function renamed(node: FunctionNode, name: string, args: readonly TreeNode[]): FunctionNode {
  return { ...node, function_name: name, schema: '', children: [...args] };
}

/** `aggregate(list, start, (sum, x) -> …, finish)`; DuckDB's `list_reduce` has the start last. */
function fold([list, start, step, finish]: readonly TreeNode[]): TreeNode {
  if (!list || !start || !step) throw refused('aggregate needs a list, a start and a function.');
  if (finish) throw refused('aggregate with a finishing function is not offered.');
  return call('list_reduce', list, step, start);
}

function namedStruct(args: readonly TreeNode[]): TreeNode {
  const fields: TreeNode[] = [];
  for (let index = 0; index < args.length; index += 2) {
    const name = constantText(args[index]);
    const value = args[index + 1];
    if (name === undefined || value === undefined)
      throw refused('named_struct needs pairs of a constant name and a value.');
    fields.push({ ...value, alias: name });
  }
  return call('struct_pack', ...fields);
}

/** `map(key, value, key, value, …)`; DuckDB has a list of keys and one of values. */
function mapOf(args: readonly TreeNode[]): TreeNode {
  if (args.length % 2 !== 0) throw refused('map needs pairs of a key and a value.');
  const every = (offset: number): TreeNode => call('list_value', ...args.filter((_, index) => index % 2 === offset));
  return call('map', every(0), every(1));
}

function withPattern(name: string, args: readonly TreeNode[], node: FunctionNode): TreeNode {
  const [value, pattern] = args;
  if (value === undefined || pattern === undefined) return node;
  const format = constantText(pattern);
  if (format === undefined) throw refused(`The datetime pattern of ${name} must be a constant text.`);
  const macro = patterned[name]!;
  const writes = macro === 'strftime' || macro === 'from_unixtime';
  const formatted = protectedCall(macro, [
    value,
    textConstant(writes ? strftimeFormat(format) : strptimeFormat(format)),
  ]);
  return name.endsWith('unix_timestamp') ? protectedCall('unix_timestamp', [formatted]) : formatted;
}

/** Intervals of whole days, and of less: a date stays a date with the one and becomes a timestamp with the other. */
const dayUnits: ReadonlySet<string> = new Set(['to_days', 'to_weeks', 'to_months', 'to_quarters', 'to_years']);
const timeUnits: ReadonlySet<string> = new Set([
  'to_hours',
  'to_minutes',
  'to_seconds',
  'to_milliseconds',
  'to_microseconds',
]);

function withInterval(name: string, args: readonly TreeNode[], node: FunctionNode): TreeNode {
  const [left, right] = args;
  if (left === undefined || right === undefined) return node;
  const [value, interval] = name === 'add' && intervalKind(left) !== undefined ? [right, left] : [left, right];
  const kind = intervalKind(interval);
  return kind === undefined ? node : protectedCall(`${name}_${kind}`, [value, interval]);
}

function intervalKind(node: TreeNode): 'days' | 'time' | undefined {
  const name = text(node['function_name']);
  if (dayUnits.has(name)) return 'days';
  return timeUnits.has(name) ? 'time' : undefined;
}

/** `from_json(text, 'a INT, b STRING')`. Options are not offered. */
function fromJson([value, schema, options]: readonly TreeNode[]): TreeNode {
  const written = constantText(schema);
  if (written === undefined || options) throw refused('from_json needs a text and a constant schema, and no options.');
  const type = parseTypeText(/^\s*(struct|array|map)\s*</i.test(written) ? written : `STRUCT<${written}>`);
  return protectedCall('from_json', [value!, textConstant(JSON.stringify(duckType(type)))]);
}
