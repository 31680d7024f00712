import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?$/i;

/** Where the gateway is reached. */
export interface Addresses {
  /** `server.public_url`; wins over everything. */
  readonly publicUrl: () => string | undefined;
  /** Of the listener: `http://localhost:8484`. */
  readonly origin: () => string;
}

/**
 * The gateway's origin as this caller sees it: the public one where it is configured; else, where the caller used a name of
 * loopback, that name; else the listener's. A `Host` header is believed for nothing more.
 */
export function callerOrigin(headers: IncomingHttpHeaders, addresses: Addresses): string {
  const publicUrl = addresses.publicUrl();
  if (publicUrl !== undefined) return publicUrl;
  const [, name, port] = LOOPBACK_HOST.exec(headers.host ?? '') ?? [];
  if (name === undefined || Number(port ?? 80) > 65_535) return addresses.origin();
  return `http://${name.toLowerCase()}${port === undefined || port === '80' ? '' : `:${port}`}`;
}

/** Whether a resource indicator (RFC 8707) is something of this gateway, by any of its names. */
export function isOwnResource(resource: string, origin: string): boolean {
  const url = URL.parse(resource);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (url.origin === origin) return true;
  const own = new URL(origin);
  const loopback = (host: string): boolean => LOOPBACK_HOST.test(host);
  return loopback(own.host) && loopback(url.host) && own.port === url.port && own.protocol === url.protocol;
}
