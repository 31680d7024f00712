import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FileEdit } from '../files/file-edit.ts';
import { linkPrivateHome, unlinkPrivateHome } from './private-home.ts';

let scratch: string;
let of: string;
let at: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'ucode-home-'));
  of = path.join(scratch, 'own');
  at = path.join(scratch, 'private', 'deep');
  mkdirSync(path.join(of, 'history'), { recursive: true });
  writeFileSync(path.join(of, 'settings.json'), 'own');
  writeFileSync(path.join(of, 'memory.md'), 'remember');
});
afterEach(() => rmSync(scratch, { recursive: true }));

function edit(name: string): FileEdit {
  return { path: path.join(at, name), purpose: 'test', format: 'json', changes: [] };
}

it("shows the user's things, but for what is ours", async () => {
  await linkPrivateHome({ of, at }, [edit('settings.json')]);
  expect(readdirSync(at).toSorted()).toEqual(['history', 'memory.md']);
  expect(readFileSync(path.join(at, 'memory.md'), 'utf8')).toBe('remember');
  writeFileSync(path.join(at, 'history', 'new'), 'kept');
  expect(readFileSync(path.join(of, 'history', 'new'), 'utf8')).toBe('kept');
});

it('follows what comes and goes, and leaves what the agent has made', async () => {
  mkdirSync(at, { recursive: true });
  writeFileSync(path.join(at, 'memory.md'), "the agent's");
  symlinkSync(scratch, path.join(at, 'elsewhere'));
  await linkPrivateHome({ of, at }, []);
  rmSync(path.join(of, 'history'), { recursive: true });
  writeFileSync(path.join(of, 'later'), '');
  await linkPrivateHome({ of, at }, []);
  expect(readdirSync(at).toSorted()).toEqual(['elsewhere', 'later', 'memory.md', 'settings.json']);
  await unlinkPrivateHome({ of, at });
  expect(readdirSync(at).toSorted()).toEqual(['elsewhere', 'memory.md']);
  expect(readFileSync(path.join(at, 'memory.md'), 'utf8')).toBe("the agent's");
});

it('needs no directory of the user', async () => {
  await linkPrivateHome({ of: path.join(scratch, 'none'), at }, []);
  expect(readdirSync(at)).toEqual([]);
  await unlinkPrivateHome({ of, at: path.join(scratch, 'nowhere') });
});
