/** What a route must have to stand in the table. */
interface RouteKey {
  readonly method: string;
  /** Absolute path. `{name}` matches one segment; a last segment `{name}:verb` may span several. */
  readonly path: string;
}

/** A route and the values of its parameters, percent-decoded. */
export interface RouteMatch<T> {
  readonly route: T;
  readonly params: Record<string, string>;
}

/** The path is known, but not for this method. Methods are sorted; `HEAD` is there where `GET` is. */
export interface MethodMismatch {
  readonly methodNotAllowed: string[];
}

/** Routes of one path shape, by method. */
type Leaf<T> = Map<string, { readonly route: T; readonly names: readonly string[] }>;

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  parameter: Node<T> | undefined;
  /** Routes that end here. */
  readonly leaf: Leaf<T>;
  /** Routes that end with `{name}:verb` from here on, by verb. */
  readonly verbs: Map<string, Leaf<T>>;
}

/** One way to read a path: its routes and the values found on the way. */
interface Candidate<T> {
  readonly leaf: Leaf<T>;
  readonly values: readonly string[];
}

/**
 * Finds the route of a path. Static paths are found in a map, the others in a tree of segments, where
 * a literal goes before `{name}`, and that before `{name}:verb` over several segments.
 *
 * Paths are taken as they came, not normalised: one with a dot segment, an empty segment, a control
 * character, a backslash or a broken percent escape, plain or encoded, matches nothing.
 */
export class RouteTable<T extends RouteKey> {
  readonly #fixed = new Map<string, Leaf<T>>();
  readonly #root: Node<T> = newNode();

  /** @throws Error when two routes have the same method and shape, or a pattern is malformed. */
  constructor(routes: readonly T[]) {
    for (const route of routes) this.#add(route);
  }

  /**
   * @param method upper case. `HEAD` takes the `GET` route where there is none of its own.
   * @param path as the caller sent it, without query.
   * @returns `undefined` for an unknown or hostile path. Never throws.
   */
  match(method: string, path: string): RouteMatch<T> | MethodMismatch | undefined {
    const normal = path.includes('%') ? path.replace(/%3a/gi, ':') : path;
    const fixed = this.#fixed.get(normal);
    const segments = splitSafely(normal);
    const candidates: Candidate<T>[] = fixed ? [{ leaf: fixed, values: [] }] : [];
    if (segments) collect(this.#root, segments, 0, [], candidates);
    for (const { leaf, values } of candidates) {
      const entry = leaf.get(method) ?? (method === 'HEAD' ? leaf.get('GET') : undefined);
      if (entry)
        return { route: entry.route, params: Object.fromEntries(entry.names.map((name, at) => [name, values[at]!])) };
    }
    if (candidates.length === 0) return undefined;
    const methods = new Set(candidates.flatMap(({ leaf }) => [...leaf.keys()]));
    if (methods.has('GET')) methods.add('HEAD');
    return { methodNotAllowed: [...methods].toSorted() };
  }

  #add(route: T): void {
    const { leaf, names } = this.#leafOf(route.path);
    if (leaf.has(route.method)) throw new Error(`Two routes for ${route.method} ${route.path}`);
    leaf.set(route.method, { route, names });
  }

  #leafOf(pattern: string): { leaf: Leaf<T>; names: string[] } {
    if (!pattern.startsWith('/')) throw new Error(`A route path starts with a slash: ${pattern}`);
    if (!pattern.includes('{')) return { leaf: getOrAdd(this.#fixed, pattern, () => new Map()), names: [] };
    const names: string[] = [];
    const segments = pattern.slice(1).split('/');
    let node = this.#root;
    for (const [at, segment] of segments.entries()) {
      const parameter = /^\{(\w+)\}(?::(\w+))?$/.exec(segment);
      if (!parameter) {
        if (/[{}]/.test(segment)) throw new Error(`A parameter takes a whole segment: ${pattern}`);
        node = getOrAdd(node.literals, segment, newNode<T>);
        continue;
      }
      names.push(parameter[1]!);
      const verb = parameter[2];
      if (verb === undefined) {
        node = node.parameter ??= newNode();
        continue;
      }
      if (at !== segments.length - 1) throw new Error(`A verb stands in the last segment: ${pattern}`);
      return { leaf: getOrAdd(node.verbs, verb, () => new Map()), names };
    }
    return { leaf: node.leaf, names };
  }
}

/** A segment as it came, and decoded. */
interface Segment {
  readonly raw: string;
  readonly value: string;
}

function collect<T>(
  node: Node<T>,
  segments: readonly Segment[],
  at: number,
  values: readonly string[],
  found: Candidate<T>[],
): void {
  const segment = segments[at];
  if (!segment) {
    if (node.leaf.size > 0) found.push({ leaf: node.leaf, values });
    return;
  }
  const literal = node.literals.get(segment.raw);
  if (literal) collect(literal, segments, at + 1, values, found);
  if (node.parameter) collect(node.parameter, segments, at + 1, [...values, segment.value], found);
  if (node.verbs.size === 0) return;
  const last = segments.at(-1)!.raw;
  const colon = last.lastIndexOf(':');
  const leaf = colon < 0 ? undefined : node.verbs.get(last.slice(colon + 1));
  if (!leaf) return;
  const rest = segments
    .slice(at)
    .map(({ value }) => value)
    .join('/');
  const name = rest.slice(0, rest.lastIndexOf(':'));
  if (name !== '' && !name.endsWith('/')) found.push({ leaf, values: [...values, name] });
}

/** The segments of an absolute path, or `undefined` where one of them is hostile. */
function splitSafely(path: string): Segment[] | undefined {
  if (!path.startsWith('/')) return undefined;
  const segments: Segment[] = [];
  for (const raw of path.slice(1).split('/')) {
    const value = decode(raw);
    if (value === undefined || value.split('/').some(isHostile)) return undefined;
    segments.push({ raw, value });
  }
  return segments;
}

function decode(raw: string): string | undefined {
  if (!raw.includes('%')) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

function isHostile(part: string): boolean {
  return part === '' || part === '.' || part === '..' || /[\p{Cc}\\]/u.test(part);
}

function newNode<T>(): Node<T> {
  return { literals: new Map(), parameter: undefined, leaf: new Map(), verbs: new Map() };
}

function getOrAdd<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
