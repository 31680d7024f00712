/** Query parameters that carry a credential; they never leave the gateway. */
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set(['key', 'api_key', 'api-key', 'access_token']);

/**
 * The address of a call. `path` starts with a slash; a version segment that the base already ends with is
 * not repeated (`https://host/v1` and `/v1/messages` give `https://host/v1/messages`). The caller's query
 * is kept byte for byte, but for parameters that carry a credential.
 */
export function callUrl(base: string, path: string, query: string): URL {
  const trimmedBase = base.replace(/\/+$/, '');
  const basePath = new URL(trimmedBase).pathname;
  const url = new URL(trimmedBase + withoutOverlap(basePath, path));
  url.search = withoutCredentials(query);
  return url;
}

/** `query` (no `?`) without parameters that carry a credential, the rest untouched and in order. */
export function withoutCredentials(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '' && !CREDENTIAL_PARAMETERS.has(parameterName(pair)))
    .join('&');
}

/** Whether `query` has a parameter of this name. */
export function hasParameter(query: string, name: string): boolean {
  return query.split('&').some((pair) => parameterName(pair) === name);
}

// The longest run of leading segments of `path` that `basePath` already ends with is left out.
function withoutOverlap(basePath: string, path: string): string {
  const segments = path.split('/').slice(1);
  for (let count = segments.length - 1; count > 0; count -= 1) {
    const head = `/${segments.slice(0, count).join('/')}`;
    if (basePath.endsWith(head)) return path.slice(head.length);
  }
  return path;
}

function parameterName(pair: string): string {
  const raw = pair.split('=', 1)[0] ?? '';
  try {
    return decodeURIComponent(raw.replaceAll('+', ' ')).toLowerCase();
  } catch {
    return raw.toLowerCase();
  }
}
