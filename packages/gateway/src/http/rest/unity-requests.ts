import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Caller } from '../../unity/caller.ts';
import type { Catalog } from '../../unity/catalog.ts';
import { stateOf, targetOf } from '../../unity/catalog-change.ts';
import type { Securable } from '../../unity/securable.ts';
import type { RestRequest } from '../rest-route.ts';
import { paginate, type Page } from './pagination.ts';

/** Where Unity Catalog's API is. */
export const unityBase = '/api/2.1/unity-catalog';

/** Who asks. These routes are never public. */
export function callerOf({ principal }: RestRequest): Caller {
  if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is needed.');
  return principal;
}

/** Makes a change of an object, and notes for the audit log how the object stood before and stands after. */
export async function changing<T>(
  request: RestRequest,
  catalog: Catalog,
  securable: Securable,
  change: (caller: Caller) => Promise<T>,
): Promise<T> {
  const caller = callerOf(request);
  const part = { securable, isGrant: false };
  const before = stateOf(part, catalog, caller);
  const done = await change(caller);
  request.noteChange({ target: targetOf(part), before, after: stateOf(part, catalog, caller) });
  return done;
}

/**
 * The body, checked.
 * @throws GatewayError `caller_body_invalid`, naming the field
 */
export function bodyOf<T extends z.ZodType>(schema: T, { body }: RestRequest): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const where = field === '' ? 'The body' : `The field '${field.slice(0, 100)}'`;
  throw new GatewayError('caller_body_invalid', `${where} is not valid: ${issue?.message ?? 'wrong type'}.`, {
    param: field,
  });
}

/**
 * Parts of a full name: `main.default.x`.
 * @throws GatewayError `caller_invalid_parameter` where it has another number of parts
 */
export function nameParts(fullName: string | undefined, parts: number, what: string): string[] {
  const name = (fullName ?? '').split('.');
  if (name.length === parts && !name.includes('')) return name;
  const form = ['catalog', 'schema', what === 'service' ? 'service' : 'table'].slice(0, parts).join('.');
  throw new GatewayError('caller_invalid_parameter', `The full name of a ${what} has the form ${form}.`, {
    param: 'full_name',
  });
}

/** A query parameter that must be there. */
export function neededParameter({ query }: RestRequest, name: string): string {
  const value = query.get(name) ?? '';
  if (value !== '') return value;
  throw new GatewayError('caller_invalid_parameter', `The parameter '${name}' is needed.`, { param: name });
}

/** A query parameter that is true or false. */
export function flag({ query }: RestRequest, name: string): boolean {
  const value = query.get(name) ?? '';
  if (value === 'true') return true;
  if (value === 'false' || value === '') return false;
  throw new GatewayError('caller_invalid_parameter', `The parameter '${name}' must be true or false.`, { param: name });
}

/** One page of a list by `max_results` and `page_token` (workspace-contract 1). Items must be sorted by name. */
export function pageOf<T extends { readonly name: string }>(
  items: readonly T[],
  { query }: RestRequest,
  scope: string,
  sizes: { readonly defaultSize: number; readonly maxSize: number } = { defaultSize: 1000, maxSize: 1000 },
): Page<T> {
  return paginate(items, (item) => item.name, query, { scope, sizeParameter: 'max_results', ...sizes });
}

/** `next_page_token`, left out at the end. */
export function nextPage({ nextPageToken }: Page<unknown>): { next_page_token?: string } {
  return nextPageToken === '' ? {} : { next_page_token: nextPageToken };
}

/** A name in a body; the catalog checks its characters. */
export const nameField = z.string("must be a text that is the object's name");
export const commentField = z.string('must be a text').max(65_536, 'must have 65536 characters at most').optional();
export const ownerField = z.string('must be a text').min(1, 'must not be empty').optional();
export const propertiesField = z
  .record(z.string(), z.string('must be a text'), 'must be an object with texts as values')
  .optional();
