/** The path of a request target, without query; `undefined` where it is none of ours to answer. */
export function requestPath(target: string | undefined): string | undefined {
  if (!target || target.length > 8192) return undefined;
  const path = target.startsWith('http://') || target.startsWith('https://') ? absoluteForm(target) : target;
  if (path === undefined || !path.startsWith('/')) return undefined;
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}

/** RFC 9112 3.2.2: a server must accept the absolute form. */
function absoluteForm(target: string): string | undefined {
  try {
    const url = new URL(target);
    return url.pathname;
  } catch {
    return undefined;
  }
}
