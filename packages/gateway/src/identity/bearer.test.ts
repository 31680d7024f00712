import { expect, test } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { readBearer } from './bearer.ts';

test.each([
  [{ authorization: 'Bearer ucg_a' }, 'ucg_a'],
  [{ authorization: 'bearer   ucg_a ' }, 'ucg_a'],
  [{ 'x-api-key': 'ucg_b' }, 'ucg_b'],
  [{ 'x-goog-api-key': 'ucg_c' }, 'ucg_c'],
  [{ authorization: 'Bearer ucg_a', 'x-api-key': 'ucg_b', 'x-goog-api-key': 'ucg_c' }, 'ucg_a'],
  [{ 'x-api-key': 'ucg_b', 'x-goog-api-key': 'ucg_c' }, 'ucg_b'],
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
