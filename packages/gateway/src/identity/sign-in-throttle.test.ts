import { expect, test } from 'vitest';
import type { GatewayError } from '../errors/gateway-error.ts';
import { SignInThrottle } from './sign-in-throttle.ts';

const clock = () => {
  const time = { now: 1_000_000 };
  return { time, throttle: new SignInThrottle(() => time.now) };
};

function waitFor(throttle: SignInThrottle, user: string, ip = '192.0.2.1'): number {
  try {
    throttle.begin(user, ip);
    return 0;
  } catch (error) {
    expect(error).toMatchObject({ code: 'policy_throttled', status: 429 });
    return (error as GatewayError).retryAfterSeconds ?? -1;
  }
}

test('the fifth failure brings a wait, which doubles up to five minutes and always ends', () => {
  const { time, throttle } = clock();
  for (let failure = 0; failure < 5; failure++) expect(waitFor(throttle, 'ada')).toBe(0);
  const waits: number[] = [];
  for (let failure = 0; failure < 11; failure++) {
    const wait = waitFor(throttle, 'ada');
    waits.push(wait);
    time.now += wait * 1000 - 1;
    expect(waitFor(throttle, 'ada')).toBe(1);
    time.now += 1;
    expect(waitFor(throttle, 'ada')).toBe(0);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('many at once get no more tries than one after the other', () => {
  const { throttle } = clock();
  const passed = Array.from({ length: 50 }, () => waitFor(throttle, 'ada')).filter((wait) => wait === 0);
  expect(passed).toHaveLength(5);
});

test('success forgets the failures of the user, not those of the address', () => {
  const { throttle } = clock();
  for (let failure = 0; failure < 4; failure++) waitFor(throttle, 'ada');
  throttle.begin('ada', '192.0.2.1').succeeded();
  for (let failure = 0; failure < 5; failure++) expect(waitFor(throttle, 'ada')).toBe(0);
  for (let user = 0; user < 11; user++) expect(waitFor(throttle, `user${user}`)).toBe(0);
  expect(waitFor(throttle, 'another')).toBe(1);
  expect(waitFor(throttle, 'another', '198.51.100.7')).toBe(0);
});

test('guesses from elsewhere do not shut out a user where they have signed in before', () => {
  const { throttle } = clock();
  throttle.begin('ada', '192.0.2.1').succeeded();
  for (let failure = 0; failure < 9; failure++) waitFor(throttle, 'ada', '203.0.113.9');
  expect(waitFor(throttle, 'ada', '203.0.113.10')).toBeGreaterThan(0);
  expect(waitFor(throttle, 'ada', '192.0.2.1')).toBe(0);
});

test('an address of IPv6 counts as its network, a mapped one as IPv4', () => {
  const { throttle } = clock();
  for (let one = 0; one < 20; one++) expect(waitFor(throttle, `u${one}`, `2001:db8:0:7::${one.toString(16)}`)).toBe(0);
  expect(waitFor(throttle, 'u', '2001:0db8:0000:0007:ffff:1:2:3')).toBe(1);
  expect(waitFor(throttle, 'u', '2001:db8:0:8::1')).toBe(0);
  for (let one = 0; one < 20; one++) waitFor(throttle, `w${one}`, '192.0.2.4');
  expect(waitFor(throttle, 'w', '::ffff:192.0.2.4')).toBe(1);
});

test('an abandoned attempt does not count; a clock set back does not lengthen a wait', () => {
  const { time, throttle } = clock();
  for (let one = 0; one < 30; one++) throttle.begin('ada', '192.0.2.1').abandoned();
  for (let failure = 0; failure < 5; failure++) expect(waitFor(throttle, 'ada')).toBe(0);
  time.now -= 3_600_000;
  expect(waitFor(throttle, 'ada')).toBeLessThanOrEqual(300);
});

test('what it remembers is bounded', () => {
  const { throttle } = clock();
  for (let one = 0; one < 30_000; one++)
    throttle.begin(`user${one}`, `10.${one >> 16}.${(one >> 8) & 255}.${one & 255}`);
  expect(waitFor(throttle, 'user0', '10.0.0.0')).toBe(0);
});
