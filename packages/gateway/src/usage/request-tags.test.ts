import { expect, test } from 'vitest';
import { parseRequestTags } from './request-tags.ts';

test('tags are an object of strings; no header means none', () => {
  expect(parseRequestTags(undefined)).toEqual({});
  expect(parseRequestTags('')).toEqual({});
  expect(parseRequestTags('{}')).toEqual({});
  expect(parseRequestTags('{"team":"search","empty":""}')).toEqual({ team: 'search', empty: '' });
});

test.each([
  '[]',
  'null',
  '"a"',
  '{"a":1}',
  '{"a":null}',
  '{"a":{"b":"c"}}',
  '{"a":"b"',
  '{"a":"b"}, {"c":"d"}',
  'team=search',
])('refuses %s', (header) => {
  expect(() => parseRequestTags(header)).toThrow(/one JSON object whose values are strings/);
});

test('refuses the header twice, with the code of the catalogue', () => {
  let thrown: unknown;
  try {
    parseRequestTags(['{"a":"b"}', '{"c":"d"}']);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'caller_invalid_parameter', param: 'Databricks-Ai-Gateway-Request-Tags' });
});
