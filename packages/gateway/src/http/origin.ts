/** A host name or address with an optional port, as a Host header may have it. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Origin as the caller sees this gateway: the configured one, else that of the Host header.
 * @param publicUrl origin from the configuration.
 */
export function originOf(host: string | undefined, publicUrl: string | undefined): string {
  return publicUrl ?? `http://${host !== undefined && HOST.test(host) ? host : 'localhost'}`;
}
