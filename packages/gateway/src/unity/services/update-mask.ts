import { GatewayError } from '../../errors/gateway-error.ts';
import { asRecord, type JsonRecord } from '../../lib/json-value.ts';
import type { ServiceKind } from '../../state/service-repository.ts';

/** The paths that `update_mask` may have (unity-ai-gateway 12.1). `name` and `config.provider_type` never change. */
export const maskPaths: Readonly<Record<ServiceKind, readonly string[]>> = {
  MODEL_SERVICE: [
    'comment',
    'owner',
    'config',
    'config.routing.destinations',
    'config.routing.fallback.destinations',
    'config.rate_limits',
    'config.inference_table',
  ],
  MODEL_PROVIDER_SERVICE: [
    'comment',
    'owner',
    'config',
    'config.targets',
    'config.allow_all_targets',
    'config.rate_limits',
  ],
};

/**
 * The paths of an `update_mask`, those above before those below.
 * @throws GatewayError `caller_invalid_parameter` for none, `*`, or a path that cannot be changed.
 */
export function parseMask(kind: ServiceKind, text: string): readonly string[] {
  const allowed = maskPaths[kind];
  const paths = text.split(',').map((path) => path.trim());
  const wrong = paths.find((path) => !allowed.includes(path));
  if (wrong !== undefined) {
    const what = text.trim() === '' ? 'is needed' : `cannot have '${wrong.slice(0, 100).replace(/\p{Cc}/gu, '?')}'`;
    throw new GatewayError(
      'caller_invalid_parameter',
      `The parameter 'update_mask' ${what}. Its paths are: ${allowed.join(', ')}.`,
      { param: 'update_mask' },
    );
  }
  return [...new Set(paths)].toSorted((left, right) => left.length - right.length);
}

/**
 * `current` with what the mask names taken from `body`; what the body does not have is cleared. Fields of the body that
 * are not in the mask have no effect. Neither argument is changed.
 */
export function applyMask(current: JsonRecord, body: JsonRecord, paths: readonly string[]): JsonRecord {
  return paths.reduce((result, path) => put(result, path.split('.'), read(body, path.split('.'))), current);
}

function read(record: JsonRecord, [key = '', ...rest]: readonly string[]): unknown {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  if (rest.length === 0) return value;
  const below = asRecord(value);
  return below && read(below, rest);
}

function put(record: JsonRecord, [key = '', ...rest]: readonly string[], value: unknown): JsonRecord {
  if (rest.length > 0) {
    const below = Object.hasOwn(record, key) ? asRecord(record[key]) : undefined;
    if (below === undefined && value === undefined) return record;
    return { ...record, [key]: put(below ?? {}, rest, value) };
  }
  if (value !== undefined && value !== null) return { ...record, [key]: value };
  const { [key]: _removed, ...others } = record;
  return others;
}
