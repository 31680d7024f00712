/** What the rule needs to know of an application. */
export interface RedirectTarget {
  readonly clientId: string;
  readonly redirectUris: readonly string[];
}

/** Applications whose ports are listed one by one (workspace-contract 3.3). */
const listedPortsOnly: ReadonlySet<string> = new Set(['databricks-cli', 'databricks-sql-python']);

/** An http address on loopback, written plainly: no user, no fragment, no backslash, a port without leading zeros. */
const LOOPBACK =
  /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?((?:\/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?)$/;

/**
 * Whether an answer may be sent to an address: one that is registered, character by character. For applications on the
 * user's machine the port is free (RFC 8252 7.3), everything else is not.
 */
export function isRedirectAllowed(client: RedirectTarget, uri: unknown): boolean {
  if (typeof uri !== 'string') return false;
  if (client.redirectUris.includes(uri)) return true;
  if (listedPortsOnly.has(client.clientId)) return false;
  const asked = parse(uri);
  if (asked === undefined) return false;
  return client.redirectUris.some((registered) => {
    const known = parse(registered);
    return known !== undefined && known.host === asked.host && known.rest === asked.rest;
  });
}

function parse(uri: string): { readonly host: string; readonly rest: string } | undefined {
  const [, host, port, rest] = LOOPBACK.exec(uri) ?? [];
  if (host === undefined || (port !== undefined && Number(port) > 65_535)) return undefined;
  return { host, rest: rest ?? '' };
}

/**
 * The source of a Content-Security-Policy that lets a form's answer go on to this address. IPv6 cannot be written
 * there, so it becomes the scheme.
 */
export function formTarget(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return undefined;
  return (url.protocol === 'http:' || url.protocol === 'https:') && !url.hostname.startsWith('[')
    ? url.origin
    : url.protocol;
}
