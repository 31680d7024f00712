import { GatewayError } from '../errors/gateway-error.ts';
import { type JsonObjectScan, type JsonRange, readJsonString, scanObject, scanObjectIn } from '../lib/json-scan.ts';

/**
 * Scans the top level of a request body.
 * @throws GatewayError `caller_body_not_json`
 */
export function openBody(body: Buffer, wanted: ReadonlySet<string>): JsonObjectScan {
  const scan = scanObject(body, wanted);
  if (scan.ok) return scan;
  throw new GatewayError(
    'caller_body_not_json',
    `The request body is not a JSON object: ${scan.reason} at byte ${scan.offset}.`,
  );
}

/**
 * The one value of a field that decides where the request goes; parsers differ on which of two would count.
 * @throws GatewayError `caller_body_invalid` when the field stands twice.
 */
export function onlyField(scan: JsonObjectScan, name: string): JsonRange | undefined {
  const found = scan.fields.get(name);
  if (found !== undefined && found.length > 1) {
    throw new GatewayError('caller_body_invalid', `'${name}' stands more than once in the request body.`, {
      param: name,
    });
  }
  return found?.[0];
}

/** The last value of a field that is only recorded. */
export function lastField(scan: JsonObjectScan, name: string): JsonRange | undefined {
  return scan.fields.get(name)?.at(-1);
}

/**
 * `model` and where it stands.
 * @throws GatewayError `caller_body_invalid` when it stands twice or is not a string.
 */
export function modelField(
  body: Buffer,
  scan: JsonObjectScan,
): { model: string | undefined; modelRange: JsonRange | undefined } {
  const modelRange = onlyField(scan, 'model');
  if (modelRange === undefined) return { model: undefined, modelRange };
  const model = readJsonString(body, modelRange);
  if (model !== undefined) return { model, modelRange };
  throw new GatewayError('caller_body_invalid', "'model' must be a string.", { param: 'model' });
}

/**
 * `stream`; absent and null are false.
 * @throws GatewayError `caller_body_invalid` when it stands twice or is something else.
 */
export function streamField(body: Buffer, scan: JsonObjectScan): boolean {
  const range = onlyField(scan, 'stream');
  if (range === undefined) return false;
  const text = body.toString('latin1', range.start, Math.min(range.end, range.start + 8));
  if (text === 'true') return true;
  if (text === 'false' || text === 'null') return false;
  throw new GatewayError('caller_body_invalid', "'stream' must be true or false.", { param: 'stream' });
}

/** Longest value taken into a record; longer ones are no session id and no effort. */
const MAX_RECORDED_BYTES = 1024;

/**
 * A short string at the path below a top-level field, for the records only: anything unexpected is `undefined`.
 * @param path names from the top level down.
 */
export function recordedString(body: Buffer, scan: JsonObjectScan, path: readonly string[]): string | undefined {
  const range = rangeAt(body, scan, path);
  if (range === undefined || range.end - range.start > MAX_RECORDED_BYTES) return undefined;
  return readJsonString(body, range) || undefined;
}

/** A whole number above 0 at the path below a top-level field; anything else is `undefined`. */
export function recordedCount(body: Buffer, scan: JsonObjectScan, path: readonly string[]): number | undefined {
  const range = rangeAt(body, scan, path);
  if (range === undefined || range.end - range.start > 16) return undefined;
  const count = Number(body.toString('latin1', range.start, range.end));
  return Number.isSafeInteger(count) && count > 0 ? count : undefined;
}

function rangeAt(body: Buffer, scan: JsonObjectScan, path: readonly string[]): JsonRange | undefined {
  let range = lastField(scan, path[0] ?? '');
  for (const name of path.slice(1)) {
    if (range === undefined) return undefined;
    const inner = scanObjectIn(body, range, new Set([name]));
    range = inner.ok ? lastField(inner, name) : undefined;
  }
  return range;
}
