import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSealed, keyIdOf, SealError, SealingKeys } from './sealed-box.ts';

const first = randomBytes(32);
const second = randomBytes(32);

describe('a sealed box', () => {
  const box = new SealingKeys(first).box('service a');

  it.each(['', 'sk-secret', 'ключ 🔑', 'x'.repeat(100_000)])('opens what it sealed', (plain) => {
    const sealed = box.seal(plain);
    expect(box.open(sealed)).toBe(plain);
    expect(isSealed(sealed)).toBe(true);
    if (plain.length > 3) expect(sealed).not.toContain(plain);
  });

  it('gives another text each time', () => {
    expect(new Set(Array.from({ length: 50 }, () => box.seal('same'))).size).toBe(50);
  });

  it('opens nothing of another context, and nothing that was changed', () => {
    const sealed = box.seal('secret');
    expect(() => new SealingKeys(first).box('service b').open(sealed)).toThrow(SealError);
    const start = sealed.lastIndexOf('.') + 1;
    for (let at = start; at < sealed.length - 1; at += 1) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      expect(() => box.open(sealed.slice(0, at) + other + sealed.slice(at + 1))).toThrow(SealError);
    }
    for (const length of [start, start + 10, sealed.length - 4]) {
      expect(() => box.open(sealed.slice(0, length))).toThrow(SealError);
    }
  });

  it('never names the value in an error', () => {
    expect(() => box.open('sk-plain-secret')).toThrow(/^A stored secret is not sealed\.$/);
  });
});

describe('keys', () => {
  it('can be changed: the new one seals, the old one still opens', () => {
    const old = new SealingKeys(first).box('c').seal('secret');
    const keys = new SealingKeys(second, [first]);
    const box = keys.box('c');
    expect(box.open(old)).toBe('secret');
    expect(box.isCurrent(old)).toBe(false);
    const anew = box.seal(box.open(old));
    expect(box.isCurrent(anew)).toBe(true);
    expect(keyIdOf(anew)).toBe(keys.currentId);
    expect(() => new SealingKeys(second).box('c').open(old)).toThrow(new RegExp(new SealingKeys(first).currentId));
  });

  it('have 32 bytes', () => {
    expect(() => new SealingKeys(randomBytes(31))).toThrow(SealError);
  });

  it('are not in their ids', () => {
    expect(first.toString('hex')).not.toContain(new SealingKeys(first).currentId);
  });
});
