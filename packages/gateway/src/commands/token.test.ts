import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openIdentity } from '../identity/open-identity.ts';
import { ChangeWatcher } from '../state/live-image.ts';
import { openStore } from '../state/store.ts';
import { tokenCommand } from './token.ts';

const users = [
  { name: 'ada', groups: ['admins'], active: true },
  { name: 'bob', groups: [], active: false },
];
vi.mock('../config/load.ts', () => ({
  loadConfig: async ({ data }: { data: string }) => ({
    users,
    servicePrincipals: [{ applicationId: 'ci', displayName: 'CI', groups: [], active: true }],
    server: { dataDirectory: data },
    state: { url: undefined, maxConnections: 2 },
  }),
}));

let directory: string;
let out: string[];
let err: string[];
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-token-'));
  [out, err] = [[], []];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void err.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  rmSync(directory, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<number> {
  out.length = err.length = 0;
  process.exitCode = 0;
  const program = new Command('ucode-gateway');
  tokenCommand(program);
  await program.parseAsync(['token', ...args, '--data', directory], { from: 'user' });
  return Number(process.exitCode);
}

test('create prints the bare token, list shows it without its value, revoke ends it', async () => {
  expect(await run('create', '--user', 'ada', '--comment', 'laptop', '--lifetime', '90d')).toBe(0);
  expect(out).toHaveLength(1);
  const token = out[0]!;
  expect(token).toMatch(/^ucg_[\w-]{43}$/);

  const store = await openStore({ dataDirectory: directory });
  const watcher = new ChangeWatcher(store);
  const declared = { users };
  const { authenticator } = await openIdentity({ watcher, config: () => declared });
  const headers = { authorization: `Bearer ${token}` };
  const { tokenId } = await authenticator.authenticate(headers);

  await run('list');
  expect(out.join('\n')).toMatch(new RegExp(`^ID .*\\n${tokenId} +ada +valid .* laptop$`));
  await run('list', '--json');
  const listed = JSON.parse(out[0]!);
  expect(listed).toMatchObject({ id: tokenId, user: 'ada', comment: 'laptop', state: 'valid', revoked_at: null });
  expect(Date.parse(listed.expires_at) - Date.parse(listed.created_at)).toBe(90 * 86_400_000);
  expect(out.join()).not.toContain(token);

  expect(await run('revoke', tokenId)).toBe(0);
  await watcher.check();
  await expect(async () => authenticator.authenticate(headers)).rejects.toThrow(/revoked/);
  expect(await run('revoke', tokenId)).toBe(1);
  expect(err.join()).toContain('token list');
  await authenticator.close();
  watcher.close();
  await store.close();
});

test.each([
  [['--user', 'eve'], /No user 'eve' is known here \(known: ada, bob\)/],
  [['--user', 'bob'], /not active/],
  [['--user', 'ada', '--lifetime', 'soon'], /--lifetime soon is not a duration/],
  [[], /either --user or --service-principal/],
  [['--user', 'ada', '--service-principal', 'ci'], /either --user or --service-principal/],
  [['--user', 'ci'], /No user 'ci'/],
  [['--service-principal', 'ada'], /No service principal 'ada' is known here \(known: ci\)/],
  [['--user', 'ada', '--scopes', 'sql,;'], /not a list of scopes/],
])('create %j prints nothing on standard output and says what to do', async (args, message) => {
  expect(await run('create', ...args)).toBe(1);
  expect(out).toEqual([]);
  expect(err.join()).toMatch(message);
});

test('a service principal has tokens, too, and they may have scopes', async () => {
  expect(await run('create', '--service-principal', 'ci', '--scopes', 'sql, model-serving')).toBe(0);
  await run('list', '--json');
  expect(JSON.parse(out[0]!)).toMatchObject({ user: 'ci', scopes: ['sql', 'model-serving'] });
});

test('list and revoke make no data directory where there is none', async () => {
  expect(await run('list')).toBe(1);
  expect(await run('revoke', 'x')).toBe(1);
  expect(err.join()).toMatch(/not the data directory of a gateway/);
  expect(existsSync(path.join(directory, 'state.db'))).toBe(false);
});
