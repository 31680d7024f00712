import type { IncomingHttpHeaders } from 'node:http';

/** Never forwarded in either direction: hop-by-hop (RFC 9110 7.6.1) and framing, which is redone. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
  'http2-settings',
]);

/**
 * The caller's, for the gateway alone: credentials, cookies, routing, where the caller sits, and what would make the
 * provider, or a proxy before it, take the request for another or for somebody else's.
 */
const CALLER_ONLY = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'cookie',
  'accept-encoding',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'x-request-id',
  'openai-organization',
  'openai-project',
  'x-goog-user-project',
  'ocp-apim-subscription-key',
  'content-encoding',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'remote-user',
  'x-remote-user',
]);
const CALLER_ONLY_PREFIXES = [
  'databricks-',
  'x-databricks-',
  'x-ucode-',
  'x-forwarded-',
  'x-original-',
  'x-rewrite-',
  'x-auth-request-',
  'x-amz-',
  'x-envoy-',
  'cf-',
  'sec-',
];

/** Headers of a provider's answer that must not reach the caller. */
const PROVIDER_ONLY = new Set([
  'set-cookie',
  'set-cookie2',
  'server',
  'alt-svc',
  'strict-transport-security',
  'nel',
  'report-to',
]);

/**
 * The caller's headers for the provider: credentials and everything about the gateway itself removed,
 * the rest verbatim (`anthropic-beta`, `anthropic-version`, session headers), the provider's own on top.
 */
export function requestHeaders(
  caller: IncomingHttpHeaders,
  provider: Readonly<Record<string, string>>,
  length: number,
): Record<string, string | string[]> {
  const named = connectionNamed(caller);
  const headers: Record<string, string | string[]> = { ...provider };
  const credentials = new Set(Object.keys(provider).filter((name) => CALLER_ONLY.has(name)));
  for (const [name, value] of Object.entries(caller)) {
    if (
      value === undefined ||
      HOP_BY_HOP.has(name) ||
      CALLER_ONLY.has(name) ||
      named.has(name) ||
      credentials.has(name)
    )
      continue;
    if (CALLER_ONLY_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
    headers[name] = value;
  }
  headers['accept-encoding'] = 'identity';
  headers['content-length'] = String(length);
  return headers;
}

/** The provider's headers for the caller, without hop-by-hop ones. `content-length` is kept: the bytes are the same. */
export function responseHeaders(provider: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = connectionNamed(provider);
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(provider)) {
    if (
      value === undefined ||
      (HOP_BY_HOP.has(name) && name !== 'content-length') ||
      PROVIDER_ONLY.has(name) ||
      named.has(name)
    )
      continue;
    headers[name] = value;
  }
  return headers;
}

function connectionNamed(headers: IncomingHttpHeaders): ReadonlySet<string> {
  const value = headers.connection;
  if (!value || value === 'keep-alive' || value === 'close') return NONE;
  return new Set(
    value
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
}
const NONE: ReadonlySet<string> = new Set();

/** The query string without anything that could be a credential. */
export function safeQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => !/^(key|api_key|api-key|access_token|token)(=|$)/i.test(pair))
    .join('&');
}
