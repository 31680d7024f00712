import { GatewayError } from '../../errors/gateway-error.ts';

/**
 * The key of a file that the log names, from its percent-encoded path relative to the table.
 * @throws GatewayError `gateway_lake_unsupported` for paths outside of the table.
 */
export function fileKeyOf(location: string, encodedPath: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:|^\//.test(encodedPath)) {
    throw new GatewayError(
      'gateway_lake_unsupported',
      'The table has files outside of its directory, which are not read.',
    );
  }
  return `${location}/${decodePath(encodedPath)}`;
}

/** A path as the log writes it: every part percent-encoded. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Some writers do not encode: a percent sign that begins no escape is itself. */
export function decodePath(encodedPath: string): string {
  try {
    return decodeURIComponent(encodedPath);
  } catch {
    return encodedPath;
  }
}
