import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import { DirectoryError } from '../../identity/directory-error.ts';
import type { AccountDirectory } from '../../identity/account-directory.ts';
import type { ScimObject } from '../../identity/scim/attributes.ts';
import { attributesOf, parseFilter, passes, valuesAt } from '../../identity/scim/filter.ts';
import type { ResourceKind } from '../../identity/scim/resource-kind.ts';
import type { RestAnswer, RestRequest } from '../rest-route.ts';
import { contentEtag } from './etag.ts';

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1_000;

/** Query parameters of lists, for the OpenAPI document. */
export const listParameters = {
  filter: z
    .string()
    .describe('Such as `userName eq "ada@example.com"`; eq, ne, co, sw, ew, pr, gt, ge, lt, le, and, or, not.'),
  startIndex: z.string().describe('Number of the first resource, from 1.'),
  count: z.string().describe(`How many at most. Default ${DEFAULT_COUNT}, no more than ${MAX_COUNT}.`),
  sortBy: z.string().describe('Attribute. Default: by name.'),
  sortOrder: z.string().describe('ascending or descending.'),
  attributes: z.string().describe('Attributes to show, separated by commas.'),
  excludedAttributes: z.string().describe('Attributes not to show, separated by commas.'),
} as const;

/** An answer in SCIM's content type. */
export function scimAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): RestAnswer {
  return { status, headers: { 'content-type': 'application/scim+json', ...headers }, body };
}

/** One resource, whole, with `schemas` and `meta`. */
export function shown<T>(
  kind: ResourceKind<T>,
  directory: AccountDirectory,
  item: T,
  base: string,
  wants: (attribute: string) => boolean = () => true,
): ScimObject {
  const resource = kind.toResource(directory, item, wants);
  const times = kind.timesOf(directory, item);
  return {
    schemas: [kind.schema.urn],
    ...resource,
    meta: {
      resourceType: kind.schema.name,
      ...(times === undefined ? {} : { created: isoTime(times.created), lastModified: isoTime(times.modified) }),
      location: `${base}/${kind.endpoint}/${kind.idOf(item)}`,
      version: `W/"${contentEtag(resource)}"`,
    },
  };
}

/** One resource as an answer, with its entity tag, or 304 where the caller has it already. */
export function resourceAnswer(request: RestRequest, resource: ScimObject, status = 200): RestAnswer {
  const { version = '', location = '' } = resource['meta'] as { version?: string; location?: string };
  const headers = { etag: version, ...(status === 201 ? { location } : {}) };
  if (status === 200 && request.method === 'GET' && sameVersion(request.headers['if-none-match'], version)) {
    return scimAnswer(304, undefined, headers);
  }
  return scimAnswer(status, project(resource, request.query), headers);
}

/** Refuses a change of something that the caller saw in another version. @throws GatewayError 412 */
export function requireVersion(request: RestRequest, resource: ScimObject): void {
  const { version = '' } = resource['meta'] as { version?: string };
  const wanted = request.headers['if-match'];
  if (wanted === undefined || sameVersion(wanted, version)) return;
  throw new GatewayError('caller_invalid_state', 'It was changed since. Read it again.', { status: 412 });
}

/** A list of resources: filtered, sorted, a page of it. `hidden` attributes neither show nor match. @throws DirectoryError `invalidFilter`, `invalidValue` */
export function listAnswer<T>(
  kind: ResourceKind<T>,
  directory: AccountDirectory,
  items: readonly T[],
  request: RestRequest,
  base: string,
  hidden: readonly string[] = [],
): RestAnswer {
  const { query } = request;
  const text = query.get('filter') ?? '';
  const filter = text === '' ? undefined : parseFilter(text);
  const sortBy = (query.get('sortBy') ?? '').split('.').filter((part) => part !== '');
  const needed = new Set([...(filter === undefined ? [] : attributesOf(filter)), ...sortBy.slice(0, 1)]);
  let found = items;
  if (filter !== undefined || sortBy.length > 0) {
    const withMembers = [...needed].some((name) => name.toLowerCase() === 'members') && !hidden.includes('members');
    const pairs = items
      .map((item) => ({ item, resource: shownLight(kind, directory, item, withMembers, needed.has('meta')) }))
      .filter(({ resource }) => filter === undefined || passes(filter, resource));
    if (sortBy.length > 0) {
      const sign = query.get('sortOrder')?.toLowerCase() === 'descending' ? -1 : 1;
      const keys = new Map(pairs.map((pair) => [pair, String(valuesAt(pair.resource, sortBy)[0] ?? '').toLowerCase()]));
      pairs.sort((left, right) => sign * compare(keys.get(left) ?? '', keys.get(right) ?? ''));
    }
    found = pairs.map(({ item }) => item);
  }
  const startIndex = Math.max(1, wholeNumber(query, 'startIndex', 1));
  const count = Math.min(MAX_COUNT, Math.max(0, wholeNumber(query, 'count', DEFAULT_COUNT)));
  const page = found.slice(startIndex - 1, startIndex - 1 + count);
  const asked = wanted(query);
  const wants = (attribute: string): boolean => !hidden.includes(attribute) && asked(attribute);
  return scimAnswer(200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: found.length,
    startIndex,
    itemsPerPage: page.length,
    Resources: page.map((item) => project(shown(kind, directory, item, base, wants), query)),
  });
}

function shownLight<T>(
  kind: ResourceKind<T>,
  directory: AccountDirectory,
  item: T,
  withMembers: boolean,
  withMeta: boolean,
): ScimObject {
  const wants = (attribute: string): boolean => withMembers || attribute !== 'members';
  return withMeta ? shown(kind, directory, item, '', wants) : kind.toResource(directory, item, wants);
}

/** Which attributes the query asks for, by their lower-case first part. */
function wanted(query: URLSearchParams): (attribute: string) => boolean {
  const included = names(query.get('attributes')).map((name) => name.split('.')[0] ?? '');
  const excluded = new Set(names(query.get('excludedAttributes')));
  return (attribute) => {
    const name = attribute.toLowerCase();
    return included.length > 0 ? included.includes(name) : !excluded.has(name);
  };
}

/** What `attributes` and `excludedAttributes` leave; `id` and `schemas` always (RFC 7644 3.9). */
function project(resource: ScimObject, query: URLSearchParams): ScimObject {
  const included = names(query.get('attributes'));
  const excluded = new Set(names(query.get('excludedAttributes')));
  if (included.length === 0 && excluded.size === 0) return resource;
  const entries = Object.entries(resource).flatMap(([name, value]): (readonly [string, unknown])[] => {
    const key = name.toLowerCase();
    if (key === 'id' || key === 'schemas') return [[name, value]];
    const keeps = (sub: string): boolean =>
      included.length > 0
        ? included.includes(key) || included.includes(`${key}.${sub}`)
        : !excluded.has(`${key}.${sub}`);
    if (included.length === 0 && excluded.has(key)) return [];
    if (included.length > 0 && !included.some((one) => one === key || one.startsWith(`${key}.`))) return [];
    return [[name, mapElements(value, (element) => pick(element, keeps))]];
  });
  return Object.fromEntries(entries);
}

function mapElements(value: unknown, change: (element: ScimObject) => ScimObject): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => mapElements(one, change));
  return typeof value === 'object' && value !== null ? change(value as ScimObject) : value;
}

function pick(element: ScimObject, keeps: (name: string) => boolean): ScimObject {
  return Object.fromEntries(Object.entries(element).filter(([name]) => keeps(name.toLowerCase())));
}

function names(list: string | null): string[] {
  return (list ?? '')
    .split(',')
    .map((name) =>
      name
        .trim()
        .toLowerCase()
        .replace(/^urn:ietf:params:scim:schemas:core:2\.0:\w+:/, ''),
    )
    .filter((name) => name !== '');
}

function wholeNumber(query: URLSearchParams, name: string, usual: number): number {
  const text = query.get(name) ?? '';
  if (text === '') return usual;
  if (!/^-?\d{1,9}$/.test(text)) {
    throw new DirectoryError('invalidValue', `'${name}' must be a whole number.`, { param: name });
  }
  return Number(text);
}

function sameVersion(header: string | string[] | undefined, version: string): boolean {
  const tags = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((tag) => tag.trim());
  return tags.some((tag) => tag === '*' || tag.replace(/^W\//, '') === version.replace(/^W\//, ''));
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
