import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byKey, paginate } from './pagination.ts';

const options = { scope: 'things', defaultSize: 2, maxSize: 3 };
const page = (items: readonly string[], query: string, scope = 'things') =>
  paginate(items, (item) => item, new URLSearchParams(query), { ...options, scope });
const items = ['a', 'b', 'c', 'd', 'e'];

describe('paginate', () => {
  it.each([
    ['', 2],
    ['page_size=0', 2],
    ['page_size=1', 1],
    ['page_size=1000', 3],
  ])('of %j takes %i', (query, count) => {
    expect(page(items, query).items).toHaveLength(count);
  });

  it.each([
    'page_size=-1',
    'page_size=x',
    'page_size=1.5',
    'page_size=99999999999',
    'page_token=x',
    'page_token=W10',
    'page_token=bnVsbA',
    'page_token=%00',
  ])('refuses %s', (query) => {
    expect(() => page(items, query)).toThrow(expect.objectContaining({ code: 'caller_invalid_parameter' }));
  });

  it('refuses the token of another list', () => {
    const { nextPageToken } = page(items, '', 'others');
    expect(() => page(items, `page_token=${nextPageToken}`)).toThrow(expect.objectContaining({ param: 'page_token' }));
  });

  it('goes on after what was removed meanwhile', () => {
    const { nextPageToken } = page(items, '');
    expect(page(['a', 'c', 'd'], `page_token=${nextPageToken}`)).toEqual({ items: ['c', 'd'], nextPageToken: '' });
    expect(page(['a'], `page_token=${nextPageToken}`)).toEqual({ items: [], nextPageToken: '' });
  });

  it('shows every item once over all pages', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 5 }), (names, size) => {
        const sorted = names.toSorted(byKey((name) => name));
        const seen: string[] = [];
        let token = '';
        do {
          const next = page(sorted, `page_size=${size}&page_token=${token}`);
          seen.push(...next.items);
          token = next.nextPageToken;
        } while (token !== '');
        expect(seen).toEqual(sorted);
      }),
    );
  });
});
