/** `redis://…` or `rediss://…` without user, password and options, for messages; `undefined` for what is none. */
export function redisAddress(url: string): string | undefined {
  if (!/^rediss?:\/\//i.test(url) || /[\s\p{Cc}]/u.test(url)) return undefined;
  const parsed = URL.parse(url);
  if (!parsed || parsed.hostname === '' || parsed.search !== '' || parsed.hash !== '') return undefined;
  // An @ behind the host: what stands before it is not the host but the beginning of a password.
  if (!/^(?:\/\d{0,5})?$/.test(parsed.pathname)) return undefined;
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}
