import { FormatError, type Content, type Place } from './format.ts';

/** What stands at a place, or `undefined`. */
export function contentAt(content: Content, place: readonly string[]): unknown {
  let value: unknown = content;
  for (const key of place) {
    if (!isTable(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Content with another value at a place; `undefined` takes it away. @throws FormatError where there is no room for it. */
export function contentWith(content: Content, place: Place, value: unknown): Content {
  const [key, ...rest] = place;
  const result: Content = Object.assign(Object.create(null) as Content, content);
  if (rest.length === 0) {
    if (value === undefined) delete result[key];
    else result[key] = value;
    return result;
  }
  const inner = contentAt(content, [key]);
  if (!isTable(inner)) {
    if (value === undefined) return content;
    if (inner !== undefined) throw new FormatError(`'${key}' in it has no room for ${rest.join('.')}`);
  }
  result[key] = contentWith(isTable(inner) ? inner : {}, rest as unknown as Place, value);
  return result;
}

/** Whether two values say the same; the order of keys and empty tables do not count. */
export function sameContent(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

export function isTable(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isScalarObject(value);
}

/** Dates of TOML are objects. */
function isScalarObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== null && prototype !== Object.prototype;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (!isTable(value)) return JSON.stringify(value) ?? '';
  const entries = Object.entries(value)
    .map(([key, inner]) => [JSON.stringify(key), canonical(inner)] as const)
    .filter(([, inner]) => inner !== '' && inner !== '{}')
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map((entry) => entry.join(':')).join()}}`;
}
