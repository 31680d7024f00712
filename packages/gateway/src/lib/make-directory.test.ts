import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeDirectory } from './make-directory.ts';

let scratch = '';
beforeEach(() => (scratch = mkdtempSync(path.join(tmpdir(), 'make-directory-'))));
afterEach(() => rmSync(scratch, { recursive: true }));

it('makes every missing level, private, and leaves an existing one alone', () => {
  const deep = path.join(scratch, 'a', 'b', 'c');
  makeDirectory(deep);
  makeDirectory(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});

it.skipIf(process.platform !== 'linux')('fails at once where nothing can be made', () => {
  expect(() => makeDirectory('/proc/nowhere/below')).toThrow(/\/proc\/nowhere/);
});
