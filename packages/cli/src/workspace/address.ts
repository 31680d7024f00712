import { printable } from '../lib/printable.ts';
import { UsageError } from '../terminal/terminal.ts';

/**
 * The origin of a gateway from what somebody typed: without a scheme it is https, http for loopback; path, query and
 * trailing slashes go.
 * @throws UsageError saying what is wrong.
 */
export function workspaceUrl(text: string): string {
  const trimmed = text.trim();
  const hasScheme = /^[a-z][\w+.-]*:\/\//i.test(trimmed);
  const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:\/|$)/i.test(trimmed);
  const full = hasScheme ? trimmed : `${loopback ? 'http' : 'https'}://${trimmed}`;
  if (trimmed === '' || !URL.canParse(full))
    throw new UsageError(
      `'${printable(trimmed, 200)}' is not the address of a gateway, such as https://gateway.example.com.`,
    );
  const url = new URL(full);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new UsageError(`A gateway's address begins with https:// or http://, not ${url.protocol}//.`);
  if (url.username !== '' || url.password !== '')
    throw new UsageError("A gateway's address has no user name or password in it.");
  return url.origin;
}
