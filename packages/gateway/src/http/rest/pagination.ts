import { GatewayError } from '../../errors/gateway-error.ts';

/** How one list is paged. */
export interface PageOptions {
  /** What the token belongs to: list and filter. A token of another list is refused. */
  readonly scope: string;
  /** Size where none is asked for, or 0. */
  readonly defaultSize: number;
  /** Larger wishes are cut to this. */
  readonly maxSize: number;
  /** Query parameters; `page_size` and `page_token` unless told. */
  readonly sizeParameter?: string;
  readonly tokenParameter?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

/**
 * One page of `items`, which must be sorted by `key` (code units, no key twice). The token is opaque:
 * it says after which key to go on, so a walk survives a change of the configuration between pages.
 * @throws GatewayError `caller_invalid_parameter`
 */
export function paginate<T>(
  items: readonly T[],
  key: (item: T) => string,
  query: URLSearchParams,
  options: PageOptions,
): Page<T> {
  const tokenParameter = options.tokenParameter ?? 'page_token';
  const size = pageSize(query, options);
  const token = query.get(tokenParameter) ?? '';
  const after = token === '' ? undefined : readToken(token, options.scope, tokenParameter);
  const start = after === undefined ? 0 : items.findIndex((item) => key(item) > after);
  const page = start < 0 ? [] : items.slice(start, start + size);
  const last = page.at(-1);
  const more = last !== undefined && start + page.length < items.length;
  return { items: page, nextPageToken: more ? writeToken(options.scope, key(last)) : '' };
}

/** Orders by code units, as `paginate` and the clients' plain string sort do. */
export function byKey<T>(key: (item: T) => string): (left: T, right: T) => number {
  return (left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0);
}

function pageSize(query: URLSearchParams, options: PageOptions): number {
  const parameter = options.sizeParameter ?? 'page_size';
  const wish = query.get(parameter) ?? '';
  if (!/^\d{0,9}$/.test(wish)) throw invalid(parameter, 'must be a whole number, 0 or more');
  return Number(wish) === 0 ? options.defaultSize : Math.min(Number(wish), options.maxSize);
}

function writeToken(scope: string, after: string): string {
  return Buffer.from(JSON.stringify([scope, after])).toString('base64url');
}

function readToken(token: string, scope: string, parameter: string): string {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw invalid(parameter, 'is not a token of this list');
  }
  const [owner, after] = Array.isArray(content) ? (content as unknown[]) : [];
  if (owner !== scope || typeof after !== 'string') throw invalid(parameter, 'is not a token of this list');
  return after;
}

function invalid(parameter: string, what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `The parameter '${parameter}' ${what}.`, { param: parameter });
}
