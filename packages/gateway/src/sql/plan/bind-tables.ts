import type { NameDefaults } from '../../unity/catalog.ts';
import { TRAVEL_MARK } from '../databricks/prepare-statement.ts';
import { refused } from '../databricks/syntax-error.ts';
import { isExpression, nodes, partsOf, text, type TreeNode } from '../duckdb/syntax-tree.ts';
import { RELATION_SCHEMA } from './query-plan.ts';
import { conditionsOf, type Comparison } from './scan-conditions.ts';

/** A table of the query, with the conditions as expressions. */
export interface BoundTable {
  readonly name: readonly string[];
  /** `V3`, or `T` and the number of a timestamp expression. */
  readonly travel: string | undefined;
  readonly comparisons: readonly Comparison[];
  /** Its place in the tree. */
  readonly node: TreeNode;
}

/** A table in a FROM clause: what columns may be qualified with, and what they are qualified with in DuckDB. */
interface Visible {
  /** Lower case, completed by the session's defaults; `undefined` for tables with an alias and for anything but a table. */
  readonly fullName: readonly string[] | undefined;
  readonly alias: string;
}

interface Scope {
  readonly commonTables: ReadonlySet<string>;
  /** Innermost FROM clause first. */
  readonly visible: readonly Visible[];
}

/**
 * Replaces every table of a query by a relation of ours, so that DuckDB sees no name of the caller, and
 * shortens columns qualified with schema and catalog.
 * @param relation name of the relation for the table of a number.
 */
export function bindTables(
  statement: TreeNode,
  defaults: NameDefaults,
  relation: (number: number) => string,
): BoundTable[] {
  const binder = new Binder(defaults, relation);
  binder.bind(statement, { commonTables: new Set(), visible: [] });
  return binder.tables;
}

class Binder {
  readonly tables: BoundTable[] = [];
  readonly #defaults: NameDefaults;
  readonly #relation: (number: number) => string;

  constructor(defaults: NameDefaults, relation: (number: number) => string) {
    this.#defaults = defaults;
    this.#relation = relation;
  }

  bind(node: TreeNode, scope: Scope): void {
    const type = text(node['type']);
    if (type === 'SELECT_NODE') return this.#select(node, this.#commonTables(node, scope));
    if (type === 'RECURSIVE_CTE_NODE' || type === 'CTE_NODE') {
      const inner = this.#commonTables(node, scope);
      return this.#parts(node, withCommon(inner, text(node['cte_name'])), ['cte_map']);
    }
    if (type === 'SET_OPERATION_NODE') return this.#parts(node, this.#commonTables(node, scope), ['cte_map']);
    // All tables of FROM clauses were replaced before; one elsewhere would reach DuckDB under the caller's name.
    if (type === 'BASE_TABLE') throw refused('A table is not offered in this place.');
    if (node['class'] === 'COLUMN_REF') return this.#column(node, scope);
    if (node['class'] === 'STAR') this.#star(node, scope);
    this.#parts(node, scope);
  }

  /** Binds the common tables of a WITH clause; each sees those before it. */
  #commonTables(node: TreeNode, scope: Scope): Scope {
    let inner = scope;
    for (const entry of nodes((node['cte_map'] as TreeNode | undefined)?.['map'])) {
      this.bind(entry['value'] as TreeNode, inner);
      inner = withCommon(inner, text(entry['key']));
    }
    return inner;
  }

  #select(node: TreeNode, scope: Scope): void {
    const from = node['from_table'] as TreeNode | undefined;
    const conditions = conditionsOf(node);
    const visible: Visible[] = [];
    if (from) this.#collect(from, scope, visible, conditions);
    const inner = { ...scope, visible: [...visible, ...scope.visible] };
    if (from) this.#relations(from, inner);
    this.#parts(node, inner, ['cte_map', 'from_table']);
  }

  /** Replaces the tables of a FROM clause and notes what its columns may be qualified with. */
  #collect(
    from: TreeNode,
    scope: Scope,
    visible: Visible[],
    conditions: ReadonlyMap<TreeNode, readonly Comparison[]>,
  ): void {
    const type = text(from['type']);
    if (type === 'JOIN') {
      this.#collect(from['left'] as TreeNode, scope, visible, conditions);
      this.#collect(from['right'] as TreeNode, scope, visible, conditions);
    } else if (type === 'BASE_TABLE' && !isCommon(from, scope)) {
      visible.push(this.#table(from, visible, conditions.get(from) ?? []));
    } else {
      visible.push({ fullName: undefined, alias: text(from['alias']) || text(from['table_name']) });
    }
  }

  #table(from: TreeNode, visible: readonly Visible[], comparisons: readonly Comparison[]): Visible {
    const [last, travel] = text(from['table_name']).split(TRAVEL_MARK);
    const name = [text(from['catalog_name']), text(from['schema_name']), last!].filter((part) => part !== '');
    const relation = this.#relation(this.tables.push({ name, travel, comparisons, node: from }) - 1);
    const given = text(from['alias']);
    // Two tables of one name in two schemas: columns are then told apart by the schema.
    const taken = visible.some(({ alias }) => same(alias, last!));
    const alias = given !== '' ? given : taken ? name.join('.') : last!;
    Object.assign(from, {
      catalog_name: 'memory',
      schema_name: RELATION_SCHEMA,
      table_name: relation,
      alias,
      at_clause: null,
    });
    return { fullName: given === '' ? this.#complete(name) : undefined, alias };
  }

  #complete(name: readonly string[]): string[] {
    const { catalog, schema } = this.#defaults;
    return [catalog, schema]
      .slice(0, 3 - name.length)
      .concat(name)
      .map((part) => part.toLowerCase());
  }

  /** Subqueries, conditions and arguments inside a FROM clause. */
  #relations(from: TreeNode, scope: Scope): void {
    if (text(from['type']) === 'BASE_TABLE') return;
    for (const part of partsOf(from)) {
      const relation =
        !isExpression(part) &&
        ['JOIN', 'BASE_TABLE', 'SUBQUERY', 'TABLE_FUNCTION', 'EXPRESSION_LIST', 'EMPTY'].includes(text(part['type']));
      if (relation) this.#relations(part, scope);
      else this.bind(part, scope);
    }
  }

  #parts(node: TreeNode, scope: Scope, without: readonly string[] = []): void {
    const rest = Object.fromEntries(Object.entries(node).filter(([key]) => !without.includes(key)));
    for (const part of partsOf(rest)) this.bind(part, scope);
  }

  #column(node: TreeNode, scope: Scope): void {
    const names = node['column_names'] as string[];
    if (names.length < 2) return;
    for (const { fullName, alias } of scope.visible) {
      if (same(alias, names[0]!)) return;
      const length = fullName === undefined ? 0 : qualifierLength(names, fullName);
      if (length === 0) continue;
      node['column_names'] = [alias, ...names.slice(length)];
      return;
    }
  }

  #star(node: TreeNode, scope: Scope): void {
    const [name, ...more] = text(node['relation_name']).split(TRAVEL_MARK);
    if (more.length === 0) return;
    const parts = [name!, ...more];
    const found = scope.visible.find(
      ({ fullName }) => fullName !== undefined && same(fullName.slice(-parts.length).join('.'), parts.join('.')),
    );
    node['relation_name'] = found?.alias ?? parts.at(-1)!;
  }
}

/** How many of a column's first names are schema and table, or catalog, schema and table. */
function qualifierLength(names: readonly string[], fullName: readonly string[]): number {
  for (const length of [3, 2]) {
    const suffix = fullName.slice(-length);
    if (names.length > length && suffix.every((part, index) => same(part, names[index]!))) return length;
  }
  return 0;
}

function isCommon(from: TreeNode, scope: Scope): boolean {
  return (
    text(from['schema_name']) === '' &&
    text(from['catalog_name']) === '' &&
    scope.commonTables.has(text(from['table_name']).toLowerCase())
  );
}

function withCommon(scope: Scope, name: string): Scope {
  return { ...scope, commonTables: new Set([...scope.commonTables, name.toLowerCase()]) };
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
