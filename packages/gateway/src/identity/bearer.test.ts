import { expect, test } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { hasGatewayToken, readBearer, refuseTokenInQuery } from './bearer.ts';

test.each([
  [{ authorization: 'Bearer ucg_a' }, 'ucg_a'],
  [{ authorization: 'bearer   ucg_a ' }, 'ucg_a'],
  [{ 'x-api-key': 'ucg_b' }, 'ucg_b'],
  [{ 'x-goog-api-key': 'ucg_c' }, 'ucg_c'],
  [{ authorization: 'Bearer ucg_a', 'x-api-key': 'ucg_b', 'x-goog-api-key': 'ucg_c' }, 'ucg_a'],
  [{ 'x-api-key': 'ucg_b', 'x-goog-api-key': 'ucg_c' }, 'ucg_b'],
  [{ 'x-databricks-ai-gateway-token': 'Bearer ucg_d', authorization: 'Bearer sk-ant', 'x-api-key': 'ucg_b' }, 'ucg_d'],
])('%j', (headers, token) => {
  expect(readBearer(headers)).toBe(token);
});

test.each([
  [{}, /Authorization: Bearer <token>.*x-api-key.*x-goog-api-key/],
  [{ authorization: '' }, /Bearer <token>/],
  [{ authorization: 'Bearer' }, /Bearer <token>/],
  [{ authorization: 'Bearer secret two' }, /Bearer <token>/],
  [{ authorization: 'Basic secret', 'x-api-key': 'secret' }, /Bearer <token>/],
  [{ 'x-api-key': '' }, /x-api-key/],
  [{ 'x-api-key': 'secret, secret' }, /x-api-key/],
  [{ 'x-goog-api-key': ['secret', 'secret'] }, /x-goog-api-key/],
  [{ 'x-databricks-ai-gateway-token': 'secret', authorization: 'Bearer secret' }, /Gateway-Token.*Bearer <token>/],
  [{ 'x-databricks-ai-gateway-token': 'Bearer secret, Bearer secret' }, /Gateway-Token/],
  [{ 'x-databricks-ai-gateway-token': ['Bearer secret'] }, /Gateway-Token/],
])('refuses %j', (headers, message) => {
  let thrown: unknown;
  try {
    readBearer(headers);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(GatewayError);
  expect(thrown).toMatchObject({ code: 'caller_unauthenticated', status: 401 });
  expect(String(thrown)).toMatch(message);
  expect(String(thrown)).not.toContain('secret');
});

test('knows the header that leaves Authorization to the provider', () => {
  expect(hasGatewayToken({ 'x-databricks-ai-gateway-token': '' })).toBe(true);
  expect(hasGatewayToken({ authorization: 'Bearer a' })).toBe(false);
});

test.each(['access_token=secret', 'alt=sse&key=secret', 'KEY=secret', '%6bey=secret', 'token=', 'api_key=secret'])(
  'refuses a token in the URL: %s',
  (query) => {
    expect(() => refuseTokenInQuery(query)).toThrow(expect.objectContaining({ status: 401 }));
    expect(() => refuseTokenInQuery(query)).not.toThrow(/secret/);
  },
);

test.each(['', 'alt=sse', 'page_token=x', 'beta=true'])('lets other queries be: %j', (query) => {
  expect(() => refuseTokenInQuery(query)).not.toThrow();
});
