import { describe, expect, it } from 'vitest';
import { requestPath } from './request-path.ts';

describe('requestPath', () => {
  it.each([
    ['/a/b?c=d', '/a/b'],
    ['/a#f', '/a'],
    ['http://host/a?b', '/a'],
    ['*', undefined],
    ['host:443', undefined],
    ['', undefined],
    [undefined, undefined],
    [`/${'a'.repeat(9000)}`, undefined],
  ])('%s is %s', (target, expected) => expect(requestPath(target)).toBe(expected));
});
