import { expect, test } from 'vitest';
import { TrustedProxies } from './source-address.ts';

const proxies = new TrustedProxies(['10.0.0.0/8', '192.168.1.1', 'fd00::/8']);

test.each([
  ['a stranger is not believed', '203.0.113.9', '1.2.3.4', '203.0.113.9'],
  ['a proxy is', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
  ['a proxy behind a socket for both versions is', '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
  ['what the caller wrote in front is not', '10.1.2.3', '6.6.6.6, 203.0.113.9', '203.0.113.9'],
  ['a chain of proxies is followed', '10.1.2.3', '203.0.113.9, 192.168.1.1, 10.9.9.9', '203.0.113.9'],
  ['version 6 too', 'fd00::1', '2001:db8::5', '2001:db8::5'],
  ['what is no address ends the chain', '10.1.2.3', '6.6.6.6, nonsense', '10.1.2.3'],
  ['nothing said', '10.1.2.3', undefined, '10.1.2.3'],
  ['several headers count as one', '10.1.2.3', ['6.6.6.6', '203.0.113.9'], '203.0.113.9'],
])('%s', (_, peer, forwarded, expected) => {
  expect(proxies.sourceOf(peer, forwarded)).toBe(expected);
});

test('without proxies nobody is believed', () => {
  expect(new TrustedProxies([]).sourceOf('::ffff:127.0.0.1', '1.2.3.4')).toBe('127.0.0.1');
  expect(new TrustedProxies([]).sourceOf(undefined, '1.2.3.4')).toBeUndefined();
});
