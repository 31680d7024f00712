/** Stands for the host that WHATWG URLs need after a user and the URL of a Unix socket does not have. */
const NO_HOST = 'no-host.invalid';

/**
 * Where the URL of a PostgreSQL database leads, without user, password and options: for messages. As the `pg` library
 * reads it: `postgres://user:password@host:port/database`; without a host, or with `?host=/directory`, a Unix socket.
 * @returns `undefined` for what is no such URL, one whose password has a bare `@`, `/`, `?` or `#` among them.
 */
export function postgresAddress(url: string): string | undefined {
  if (!/^postgres(?:ql)?:\/\//i.test(url) || /[\s\p{Cc}]/u.test(url)) return undefined;
  const parsed = URL.parse(url) ?? URL.parse(url.replace('@/', `@${NO_HOST}/`));
  if (!parsed) return undefined;
  const { host, pathname, searchParams, search, hash } = parsed;
  // An @ after the host: what stands before it is not the host but the beginning of a password.
  if (`${pathname}${search}`.includes('@') || hash !== '') return undefined;
  const place = searchParams.get('host') ?? decodeURIComponent(host.replace(NO_HOST, ''));
  return place.startsWith('/') ? `postgres:${place} ${pathname.slice(1)}`.trim() : `postgres://${place}${pathname}`;
}
