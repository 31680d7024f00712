import { asRecord, type JsonRecord } from '../../lib/json-value.ts';
import type { SealedBox } from '../../lib/sealed-box.ts';
import { modeOf, providersOfBlock } from '../../providers/index.ts';
import { secretOptions } from '../../providers/secret-options.ts';

/** The `config` of a service as it is stored: credentials as `{"sealed": …}`. Gives JSON. */
export function sealConfig(config: JsonRecord, box: SealedBox): string {
  return JSON.stringify(
    eachSecret(config, (value) => {
      const plain = typeof value === 'string' ? value : asRecord(value)?.['plaintext'];
      return typeof plain === 'string' ? { sealed: box.seal(plain.trim()) } : undefined;
    }),
  );
}

/** A stored `config` with its credentials as `{"plaintext": …}`. @throws SealError */
export function openConfig(stored: string, box: SealedBox): JsonRecord {
  return eachSecret(JSON.parse(stored) as JsonRecord, (value) => {
    const sealed = asRecord(value)?.['sealed'];
    return typeof sealed === 'string' ? { plaintext: box.open(sealed) } : undefined;
  });
}

/**
 * `config` with each credential that is given as `{}`, as answers show it, taken from `current`.
 * @returns `undefined` where another option of that block was changed: a kept credential must not go to another address.
 */
export function keepSecrets(config: JsonRecord, current: JsonRecord): JsonRecord | undefined {
  let isMoved = false;
  const kept = eachSecret(config, (value, place) => {
    const given = asRecord(value);
    if (!given || Object.keys(given).length > 0) return value;
    const [block, mode, key] = place;
    const before = asRecord(asRecord(current[block])?.[mode]);
    if (!before || !Object.hasOwn(before, key)) return value;
    isMoved ||= shown(before, place) !== shown(asRecord(asRecord(config[block])?.[mode]) ?? {}, place);
    return before[key];
  });
  return isMoved ? undefined : kept;
}

/** Block, mode, option. */
type Place = readonly [string, string, string];

/** `config` with the value of each credential replaced; `undefined` takes it away. */
function eachSecret(config: JsonRecord, replace: (value: unknown, place: Place) => unknown): JsonRecord {
  const result: Record<string, unknown> = { ...config };
  for (const [block, modes] of Object.entries(config)) {
    for (const provider of providersOfBlock(block)) {
      const mode = modeOf(provider);
      const options = asRecord(asRecord(result[block])?.[mode]);
      if (!options) continue;
      const changed: Record<string, unknown> = { ...options };
      for (const key of secretOptions(provider)) {
        if (Object.hasOwn(options, key)) changed[key] = replace(options[key], [block, mode, key]);
      }
      result[block] = { ...asRecord(result[block] ?? modes), [mode]: changed };
    }
  }
  return result;
}

/** The options that are no credentials, for a comparison. */
function shown(options: JsonRecord, [block, mode]: Place): string {
  const provider = providersOfBlock(block).find((one) => modeOf(one) === mode);
  const secrets = provider ? secretOptions(provider) : [];
  const entries = Object.entries(options).filter(([key]) => !secrets.includes(key));
  return JSON.stringify(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
