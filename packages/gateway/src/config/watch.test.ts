import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished, expect, test, vi } from 'vitest';
import { testingDirectory } from './testing-file.ts';
import { watchConfig } from './watch.ts';

function watching(file: string): { changes: () => number } {
  let count = 0;
  const watcher = watchConfig(file, () => count++);
  onTestFinished(() => watcher.close());
  return { changes: () => count };
}

const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 20 });

test('a file written in place, several times in a row, is one change', async () => {
  const file = path.join(testingDirectory(), 'gateway.yaml');
  writeFileSync(file, 'a');
  const { changes } = watching(file);
  for (const text of ['ab', 'abc', 'abcd']) writeFileSync(file, text);
  await eventually(() => expect(changes()).toBe(1));
});

test('a file replaced by rename is seen, again and again', async () => {
  const directory = testingDirectory();
  const file = path.join(directory, 'gateway.yaml');
  writeFileSync(file, 'a');
  const { changes } = watching(file);
  for (const expected of [1, 2]) {
    writeFileSync(path.join(directory, 'new'), 'b'.repeat(expected + 1));
    renameSync(path.join(directory, 'new'), file);
    await eventually(() => expect(changes()).toBe(expected));
  }
});

test('a file that was away is seen when it is back', async () => {
  const file = path.join(testingDirectory(), 'gateway.yaml');
  writeFileSync(file, 'a');
  const { changes } = watching(file);
  rmSync(file);
  writeFileSync(file, 'back');
  await eventually(() => expect(changes()).toBe(1));
});

test('a link within the directory that moves to another file is seen', async () => {
  const directory = testingDirectory();
  for (const version of ['v1', 'v2']) {
    mkdirSync(path.join(directory, version));
    writeFileSync(path.join(directory, version, 'gateway.yaml'), version.repeat(3));
  }
  symlinkSync('v1', path.join(directory, 'current'));
  symlinkSync('current/gateway.yaml', path.join(directory, 'gateway.yaml'));
  const { changes } = watching(path.join(directory, 'gateway.yaml'));
  symlinkSync('v2', path.join(directory, 'next'));
  renameSync(path.join(directory, 'next'), path.join(directory, 'current'));
  await eventually(() => expect(changes()).toBe(1));
});

test('other files of the directory are none of its business', async () => {
  const directory = testingDirectory();
  const [file, other] = [path.join(directory, 'gateway.yaml'), path.join(directory, 'other')];
  writeFileSync(file, 'a');
  writeFileSync(other, 'a');
  const { changes } = watching(file);
  const witness = watching(other);
  writeFileSync(other, 'ab');
  await eventually(() => expect(witness.changes()).toBe(1));
  utimesSync(file, 1, 1);
  await eventually(() => expect(changes()).toBe(1));
});

test('nothing is called after close, and a missing directory is no failure', async () => {
  const file = path.join(testingDirectory(), 'gateway.yaml');
  writeFileSync(file, 'a');
  let count = 0;
  const watcher = watchConfig(file, () => count++);
  const witness = watching(file);
  watcher.close();
  watcher.close();
  writeFileSync(file, 'ab');
  await eventually(() => expect(witness.changes()).toBe(1));
  expect(count).toBe(0);
  watchConfig('/nowhere/at/all/gateway.yaml', () => count++).close();
});
