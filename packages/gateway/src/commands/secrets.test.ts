import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EncryptionKeys, KEY_FILE } from '../state/encryption-keys.ts';
import { openStore } from '../state/store.ts';
import { secretsCommand } from './secrets.ts';

let encryption: { key: string | undefined; previousKeys: string[] };
vi.mock('../config/load.ts', () => ({
  loadConfig: async ({ data }: { data: string }) => ({ encryption, state: {}, server: { dataDirectory: data } }),
}));

let directory: string;
let said: string[];

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-secrets-'));
  encryption = { key: undefined, previousKeys: [] };
  said = [];
  vi.spyOn(console, 'error').mockImplementation((text: string) => void said.push(text));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  rmSync(directory, { recursive: true, force: true });
});

async function rotate(...args: string[]): Promise<number> {
  process.exitCode = 0;
  const program = new Command().exitOverride();
  secretsCommand(program);
  await program.parseAsync(['secrets', 'rotate', ...args, '--data', directory], { from: 'user' });
  return Number(process.exitCode);
}

async function sealed(): Promise<{ keys: EncryptionKeys; text: string; close(): Promise<void> }> {
  const store = await openStore({ dataDirectory: directory });
  const keys = await EncryptionKeys.open({ store, config: encryption, dataDirectory: directory });
  return { keys, text: keys.box('x').seal('secret'), close: () => store.close() };
}

test('a new key goes into the key file, and a gateway that runs takes it', async () => {
  const { keys, text, close } = await sealed();
  const before = keys.currentId;
  const key = readFileSync(path.join(directory, KEY_FILE), 'utf8').trim();
  expect(await rotate('--new-key')).toBe(0);
  expect(keys.box('x').open(text)).toBe('secret');
  keys.box('x').seal('more');
  expect(keys.currentId).not.toBe(before);
  expect(said.join()).toContain(keys.currentId);
  expect(said.join()).not.toContain(key);
  await close();
});

test('a key of the configuration is changed there', async () => {
  encryption = { key: Buffer.alloc(32, 1).toString('base64'), previousKeys: [] };
  await (await sealed()).close();
  expect(await rotate('--new-key')).toBe(1);
  expect(said.join()).toContain('encryption.previous_keys');
  expect(await rotate()).toBe(0);
});

test('a key that is missing is said, and nothing is changed', async () => {
  await (await sealed()).close();
  rmSync(path.join(directory, KEY_FILE));
  expect(await rotate()).toBe(1);
  expect(said.join()).toContain('Nothing was changed');
});
