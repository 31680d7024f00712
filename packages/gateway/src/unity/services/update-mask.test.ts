import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../lib/json-value.ts';
import { applyMask, maskPaths, parseMask } from './update-mask.ts';

const kinds = ['MODEL_SERVICE', 'MODEL_PROVIDER_SERVICE'] as const;

describe('the mask of an update', () => {
  it.each(kinds)('takes every path of %s', (kind) => {
    for (const path of maskPaths[kind]) expect(parseMask(kind, path)).toEqual([path]);
    expect(parseMask(kind, ` ${maskPaths[kind].join(' , ')}, comment`)).toHaveLength(maskPaths[kind].length);
  });

  it.each([
    '',
    ' ',
    '*',
    'config.*',
    'name',
    'etag',
    'config.routing',
    'config.provider_type',
    'comment,',
    ',comment',
    'comment,*',
    'Comment',
    '__proto__',
    'config.__proto__',
    'constructor.prototype',
    'comment\u0000',
    'x'.repeat(10_000),
  ])('refuses %j', (mask) => {
    for (const kind of kinds) {
      expect(() => parseMask(kind, mask)).toThrow(
        expect.objectContaining({ code: 'caller_invalid_parameter', param: 'update_mask' }),
      );
    }
  });
});

/** Leaves of a resource by path, so that an update can be done on them one by one. */
const leaves = [
  'comment',
  'owner',
  'config.routing.destinations',
  'config.routing.fallback.destinations',
  'config.routing.first_token_timeout',
  'config.rate_limits',
  'config.inference_table',
  'name',
  'etag',
];
const value = fc.oneof(fc.string(), fc.integer(), fc.array(fc.string()), fc.record({ a: fc.string() }));
const flat = fc.dictionary(fc.constantFrom(...leaves), value);

function nested(flatResource: Readonly<Record<string, unknown>>): JsonRecord {
  const result: Record<string, unknown> = {};
  for (const [path, leaf] of Object.entries(flatResource)) {
    const keys = path.split('.');
    let at = result;
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
    at[keys.at(-1) ?? ''] = leaf;
  }
  return result;
}

/** Without objects that are empty, which say nothing. */
function pruned(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record;
  const entries = Object.entries(record).map(([key, one]) => [key, pruned(one)] as const);
  const kept = entries.filter(([, one]) => JSON.stringify(one) !== '{}');
  return Object.fromEntries(kept.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

describe('a masked update', () => {
  it('is what a model of it gives: leaves under the mask from the body, all others as they were', () => {
    const mask = fc.subarray([...maskPaths.MODEL_SERVICE], { minLength: 1 });
    fc.assert(
      fc.property(flat, flat, mask, (current, body, paths) => {
        const isMasked = (leaf: string) => paths.some((path) => leaf === path || leaf.startsWith(`${path}.`));
        const expected = Object.fromEntries(
          leaves.flatMap((leaf) => {
            const from = isMasked(leaf) ? body : current;
            return Object.hasOwn(from, leaf) ? [[leaf, from[leaf]] as const] : [];
          }),
        );
        const [before, given] = [nested(current), nested(body)];
        const copies = JSON.stringify([before, given]);
        const after = applyMask(before, given, parseMask('MODEL_SERVICE', paths.join()));
        expect(pruned(after)).toEqual(pruned(nested(expected)));
        expect(JSON.stringify([before, given])).toBe(copies);
      }),
      { numRuns: 500 },
    );
  });

  it('clears what the body has as null', () => {
    expect(applyMask({ comment: 'a', owner: 'b' }, { comment: null }, ['comment'])).toEqual({ owner: 'b' });
  });

  it('never touches prototypes', () => {
    const body = JSON.parse('{"config":{"__proto__":{"polluted":1},"targets":[]}}') as JsonRecord;
    applyMask({}, body, ['config']);
    applyMask({}, body, ['config.targets']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
