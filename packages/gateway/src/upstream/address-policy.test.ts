import { describe, expect, it } from 'vitest';
import { AddressPolicy } from './address-policy.ts';

describe('AddressPolicy', () => {
  const strict = new AddressPolicy([]);

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '::a9fe:a9fe',
    '64:ff9b::a00:1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::808:808',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    'fec0::1',
  ])('refuses the private address %s', (address) => expect(strict.allows(address)).toBe(false));

  it.each(['8.8.8.8', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    'allows the public address %s',
    (address) => expect(strict.allows(address)).toBe(true),
  );

  it('allows a private network that the configuration names, and no other', () => {
    const policy = new AddressPolicy(['127.0.0.0/8', 'fd12::/16']);
    expect(policy.allows('127.0.0.1')).toBe(true);
    expect(policy.allows('fd12::9')).toBe(true);
    expect(policy.allows('10.0.0.1')).toBe(false);
  });

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
    '100.100.100.200',
  ])('never allows the metadata service %s, whatever the configuration says', (address) => {
    const policy = new AddressPolicy(['0.0.0.0/0', '::/0']);
    expect(policy.allows(address)).toBe(false);
    expect(policy.allows('10.0.0.1')).toBe(true);
    expect(() => policy.checkHost(address)).toThrow(/metadata service, which is never called/);
  });

  it('allows what stands for an address in an allowed network', () => {
    const policy = new AddressPolicy(['10.0.0.0/8']);
    expect(policy.allows('::ffff:10.0.0.1')).toBe(true);
    expect(policy.allows('64:ff9b::a00:1')).toBe(true);
    expect(policy.allows('64:ff9b::7f00:1')).toBe(false);
  });

  it('checks literal hosts, brackets included', () => {
    expect(() => strict.checkHost('[::1]')).toThrow(/private network/);
    expect(() => strict.checkHost('[::ffff:7f00:1]')).toThrow(/private network/);
    expect(() => strict.checkHost('api.example.com')).not.toThrow();
  });

  it('fails a name that resolves to a private address', async () => {
    const error = await new Promise<Error | null>((resolve) =>
      strict.lookup('localhost', {}, (problem) => resolve(problem)),
    );
    expect(error?.message).toMatch(/private network/);
  });

  it('resolves an allowed name in both forms of the callback', async () => {
    const policy = new AddressPolicy(['127.0.0.0/8', '::1']);
    const one = await new Promise((resolve) => policy.lookup('localhost', {}, (_error, address) => resolve(address)));
    const all = await new Promise((resolve) =>
      policy.lookup('localhost', { all: true }, (_error, addresses) => resolve(addresses)),
    );
    expect(typeof one).toBe('string');
    expect(Array.isArray(all)).toBe(true);
  });
});
