/**
 * The proxy that a request to `url` goes through by the usual variables, in either case; `undefined`: straight.
 * Loopback never goes through one.
 * @throws Error naming the variable whose value is no `http://` address.
 */
export function proxyFor(url: URL, variables: Readonly<Record<string, string | undefined>>): URL | undefined {
  if (isLoopback(url.hostname) || isExcluded(url, read(variables, 'no_proxy') ?? '')) return undefined;
  const names = [url.protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy'];
  const name = names.find((one) => read(variables, one) !== undefined);
  const value = name === undefined ? undefined : read(variables, name);
  if (name === undefined || value === undefined) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy?.protocol !== 'http:') {
    throw new Error(`${name.toUpperCase()} is not the address of an HTTP proxy such as http://proxy.example.com:3128.`);
  }
  return proxy;
}

/** Whether a host name is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function read(variables: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return variables[name] || variables[name.toUpperCase()] || undefined;
}

/** `NO_PROXY`: names and their subdomains, with or without a leading dot, optionally with a port; `*` is everything. */
function isExcluded(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [name = '', wanted] = entry.split(':');
      const bare = name.replace(/^\*?\./, '');
      return (wanted === undefined || wanted === port) && (url.hostname === bare || url.hostname.endsWith(`.${bare}`));
    });
}
