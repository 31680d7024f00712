import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatByteSize, parseByteSize } from './byte-size.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['0s', 0],
    ['24h', 86_400_000],
    ['25h', undefined],
    ['30', undefined],
    ['30 s', undefined],
    ['-1s', undefined],
    ['s', undefined],
    ['', undefined],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test('what is written is read as it was', () => {
    fc.assert(fc.property(fc.nat(86_400_000), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});

describe('sizes', () => {
  test.each([
    ['64MiB', 67_108_864],
    ['1GiB', 1_073_741_824],
    ['10B', 10],
    ['64MB', undefined],
    ['1.5GiB', undefined],
    ['999999999999TiB', undefined],
  ])('%s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

  test('what is written is read as it was', () => {
    fc.assert(fc.property(fc.nat(), (bytes) => parseByteSize(formatByteSize(bytes)) === bytes));
  });
});

describe('nearest', () => {
  const keys = ['host', 'port', 'idle_timeout', 'first_byte_timeout', 'max_body_bytes'];
  test.each([
    ['hots', 'host'],
    ['idleTimeout', 'idle_timeout'],
    ['idle-timout', 'idle_timeout'],
    ['max_body_byte', 'max_body_bytes'],
    ['completely_else', undefined],
    ['', undefined],
  ])('%s means %s', (word, found) => expect(nearest(word, keys)).toBe(found));
});

describe('the default data directory', () => {
  test.each([
    ['linux', { HOME: '/home/ada' }, '/home/ada/.local/share/ucode-gateway'],
    ['linux', { HOME: '/home/ada', XDG_DATA_HOME: '/data' }, '/data/ucode-gateway'],
    ['linux', { HOME: '/home/ada', XDG_DATA_HOME: 'relative' }, '/home/ada/.local/share/ucode-gateway'],
    ['darwin', { HOME: '/Users/ada' }, '/Users/ada/Library/Application Support/ucode-gateway'],
    ['win32', { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' }, 'C:\\Users\\ada\\AppData\\Local\\ucode-gateway'],
    ['win32', { USERPROFILE: 'C:\\Users\\ada' }, 'C:\\Users\\ada\\AppData\\Local\\ucode-gateway'],
  ] as const)('on %s with %j', (platform, env, directory) => {
    expect(defaultDataDirectory(env, platform)).toBe(directory);
  });
});
