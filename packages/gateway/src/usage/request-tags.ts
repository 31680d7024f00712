import { z } from 'zod';
import { GatewayError } from '../errors/gateway-error.ts';

const tags = z.record(z.string(), z.string());

/** Header with the caller's own tags (unity-ai-gateway 2.2), as callers write it. */
const HEADER = 'Databricks-Ai-Gateway-Request-Tags';

/**
 * Reads the request tags: a JSON object whose values are strings. No header means no tags.
 * @throws GatewayError `caller_invalid_parameter` for anything else, the header twice included.
 */
export function parseRequestTags(header: string | string[] | undefined): Record<string, string> {
  if (header === undefined || header === '') return {};
  const parsed = tags.safeParse(typeof header === 'string' ? parseJson(header) : undefined);
  if (parsed.success) return parsed.data;
  throw new GatewayError(
    'caller_invalid_parameter',
    `The ${HEADER} header must be one JSON object whose values are strings, such as {"team":"search"}.`,
    { param: HEADER },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
