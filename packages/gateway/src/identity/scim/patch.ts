import { DirectoryError } from '../directory-error.ts';
import {
  attributeNamed,
  canonical,
  canonicalElement,
  canonicalValue,
  withoutUrn,
  type ScimAttribute,
  type ScimObject,
  type ScimSchema,
} from './attributes.ts';
import { parseFilter, passes, type Filter } from './filter.ts';

/** One operation of a PATCH (RFC 7644 3.5.2), its `op` in lower case. */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string | undefined;
  readonly value?: unknown;
}

const MAX_PATH = 1_024;

/** What a path points to. */
interface Target {
  readonly attribute: ScimAttribute;
  readonly filter: Filter | undefined;
  readonly sub: ScimAttribute | undefined;
}

/**
 * A resource after a PATCH. Takes what RFC 7644 says and what Okta and Entra send: values without a path (dotted names
 * in them too), `remove` with the values to remove, booleans as text, filters that match nothing yet. Attributes that
 * we do not keep are passed over.
 * @param resource as we show it; stays as it is.
 * @throws DirectoryError `invalidPath`, `noTarget`, `mutability`, `invalidValue`
 */
export function patched(resource: ScimObject, operations: readonly PatchOperation[], schema: ScimSchema): ScimObject {
  const result: ScimObject = { ...resource };
  for (const operation of operations) {
    const { op, path, value } = operation;
    if (path !== undefined && path !== '') {
      apply(result, op, targetOf(path, schema), value);
      continue;
    }
    if (op === 'remove') throw new DirectoryError('noTarget', "A 'remove' needs a path.");
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new DirectoryError('invalidValue', 'An operation without a path needs an object of attributes.');
    }
    for (const [name, given] of Object.entries(value)) {
      const target = targetOf(name, schema);
      // A client that sends back all it was shown does not mean to change what it cannot.
      if (target?.attribute.mutability === 'readOnly') continue;
      apply(result, op, target, given);
    }
  }
  return result;
}

function apply(resource: ScimObject, op: PatchOperation['op'], target: Target | undefined, value: unknown): void {
  if (target === undefined) return;
  const { attribute, filter, sub } = target;
  if (attribute.mutability === 'readOnly') {
    throw new DirectoryError('mutability', `'${attribute.name}' cannot be changed here.`);
  }
  if (attribute.multiValued === true) {
    resource[attribute.name] = patchedList(elementsOf(resource, attribute), op, target, value);
  } else if (filter !== undefined) {
    throw new DirectoryError('invalidPath', `'${attribute.name}' has one value, so that it takes no filter.`);
  } else if (sub !== undefined) {
    const before = canonical(resource[attribute.name], attribute.sub ?? []);
    resource[attribute.name] = { ...before, [sub.name]: op === 'remove' ? undefined : canonicalValue(value, sub) };
  } else if (op === 'remove') {
    delete resource[attribute.name];
  } else if (attribute.type === 'complex') {
    const before = canonical(resource[attribute.name], attribute.sub ?? []);
    resource[attribute.name] = { ...before, ...(canonicalValue(value, attribute) as ScimObject) };
  } else {
    resource[attribute.name] = canonicalValue(value, attribute);
  }
}

function patchedList(
  before: readonly ScimObject[],
  op: PatchOperation['op'],
  { attribute, filter, sub }: Target,
  value: unknown,
): readonly ScimObject[] {
  if (filter === undefined) {
    if (sub !== undefined) {
      throw new DirectoryError('invalidPath', `Say which of the '${attribute.name}' with a filter in brackets.`);
    }
    const given = value === undefined ? [] : (canonicalValue(value, attribute) as ScimObject[]);
    if (op === 'replace') return given;
    if (op === 'add') return united(before, given);
    if (value === undefined || value === null) return [];
    const gone = new Set(given.map((one) => one['value']));
    return before.filter((one) => !gone.has(one['value']));
  }
  const id = idIn(filter);
  const matches = before.map((element) => (id === undefined ? passes(filter, element) : element['value'] === id));
  if (op === 'remove') {
    if (sub === undefined || sub.name === 'value') return before.filter((_, index) => matches[index] !== true);
    return before.map((element, index) => (matches[index] === true ? { ...element, [sub.name]: undefined } : element));
  }
  const change = sub === undefined ? canonicalElement(value, attribute) : { [sub.name]: canonicalValue(value, sub) };
  if (matches.includes(true)) {
    return before.map((element, index) => (matches[index] === true ? { ...element, ...change } : element));
  }
  // Entra writes `emails[type eq "work"].value` where there is none yet, and means to make it.
  const made = elementOf(filter, attribute);
  if (made === undefined) throw new DirectoryError('noTarget', `No '${attribute.name}' passes the filter of the path.`);
  return [...before, { ...made, ...change }];
}

/** The id of a filter `value eq "ID"`: by far the most common one, on groups of thousands. */
function idIn(filter: Filter): string | undefined {
  if (filter.kind !== 'compare' || filter.op !== 'eq' || filter.path.length !== 1) return undefined;
  return filter.path[0]?.toLowerCase() === 'value' && typeof filter.value === 'string' ? filter.value : undefined;
}

/** What passes a filter of equalities; `undefined` for other filters. */
function elementOf(filter: Filter, attribute: ScimAttribute): ScimObject | undefined {
  if (filter.kind === 'and') {
    const [left, right] = [elementOf(filter.left, attribute), elementOf(filter.right, attribute)];
    return left === undefined || right === undefined ? undefined : { ...left, ...right };
  }
  if (filter.kind !== 'compare' || filter.op !== 'eq' || filter.path.length !== 1) return undefined;
  return canonical({ [filter.path[0] ?? '']: filter.value }, attribute.sub ?? []);
}

/** Both, the later one where two have the same `value`. */
function united(before: readonly ScimObject[], given: readonly ScimObject[]): readonly ScimObject[] {
  const byValue = new Map(before.map((one) => [one['value'], one]));
  for (const one of given) byValue.set(one['value'], { ...byValue.get(one['value']), ...one });
  return [...byValue.values()];
}

function elementsOf(resource: ScimObject, attribute: ScimAttribute): readonly ScimObject[] {
  const found = resource[attribute.name];
  return Array.isArray(found) ? (found as ScimObject[]) : [];
}

/** @returns `undefined` for attributes that we do not keep. @throws DirectoryError `invalidPath`, `invalidFilter` */
function targetOf(path: string, schema: ScimSchema): Target | undefined {
  if (path.length > MAX_PATH) throw invalidPath(path);
  const name = withoutUrn(path, schema);
  if (name === undefined) return undefined;
  const bracket = name.indexOf('[');
  const end = name.lastIndexOf(']');
  if (bracket < 0 !== end < 0 || end < bracket) throw invalidPath(path);
  const head = bracket < 0 ? name : name.slice(0, bracket);
  const tail = bracket < 0 ? '' : name.slice(end + 1);
  const parts = [...head.split('.'), ...(tail === '' ? [] : tail.split('.').slice(1))];
  if (parts.length > 2 || !parts.every((part) => /^[a-z$][\w$-]*$/i.test(part)) || (tail !== '' && tail[0] !== '.')) {
    throw invalidPath(path);
  }
  const filter = bracket < 0 ? undefined : parseFilter(name.slice(bracket + 1, end));
  const attribute = attributeNamed(schema.attributes, parts[0] ?? '');
  if (attribute === undefined) return undefined;
  if (parts.length === 1) return { attribute, filter, sub: undefined };
  const sub = attributeNamed(attribute.sub ?? [], parts[1] ?? '');
  return sub === undefined ? undefined : { attribute, filter, sub };
}

function invalidPath(path: string): DirectoryError {
  return new DirectoryError('invalidPath', `The path '${path.slice(0, 100)}' is not one of SCIM's.`, { param: 'path' });
}
