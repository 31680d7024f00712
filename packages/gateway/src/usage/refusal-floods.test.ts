import { expect, test } from 'vitest';
import { RefusalFloods } from './refusal-floods.ts';
import { refusalEvent } from './testing/audit-events.ts';

const take = (floods: RefusalFloods, times: number, given: Parameters<typeof refusalEvent>[0] = {}): number =>
  Array.from({ length: times }, () => floods.take(refusalEvent(given))).filter(Boolean).length;

test('of each kind the first 20 are told, the others counted', () => {
  const floods = new RefusalFloods();
  expect(take(floods, 25)).toBe(20);
  expect(take(floods, 5, { sourceIp: '192.0.2.8' })).toBe(5);
  expect(take(floods, 21, { status: 404, errorCode: 'caller_not_found' })).toBe(20);
  expect(floods.drain().map(({ event, flood }) => [event.errorCode, flood.count])).toEqual([
    ['caller_unauthenticated', 5],
    ['caller_not_found', 1],
  ]);
  expect(take(floods, 25)).toBe(20);
});

test('who is known is counted by name, not by address', () => {
  const floods = new RefusalFloods();
  for (let at = 0; at < 30; at++) floods.take(refusalEvent({ actor: 'eve@example.com', sourceIp: `192.0.2.${at}` }));
  expect(floods.drain()).toMatchObject([{ event: { actor: 'eve@example.com' }, flood: { count: 10 } }]);
});

test('one host of IPv6 is one, whatever address it takes', () => {
  const floods = new RefusalFloods();
  for (let at = 0; at < 30; at++) floods.take(refusalEvent({ sourceIp: `2001:db8:0:1::${at.toString(16)}` }));
  expect(floods.drain()).toMatchObject([{ flood: { count: 10 } }]);
});

test('a flood from everywhere stays bounded and nothing is lost', () => {
  const floods = new RefusalFloods();
  let told = 0;
  for (let at = 0; at < 50_000; at++) told += floods.take(refusalEvent({ sourceIp: `host-${at}` })) ? 1 : 0;
  const counted = floods.drain();
  expect(told).toBeLessThanOrEqual(2_000);
  expect(counted.length).toBeLessThanOrEqual(1_000);
  expect(told + counted.reduce((sum, { flood }) => sum + flood.count, 0)).toBe(50_000);
  expect(counted[0]!.event).toMatchObject({ sourceIp: undefined, action: 'refuseRequests' });
});

test('counts that could not be written are kept', () => {
  const floods = new RefusalFloods();
  take(floods, 30);
  floods.restore(floods.drain());
  floods.count(refusalEvent());
  expect(floods.drain().map(({ flood }) => flood.count)).toEqual([11]);
});
