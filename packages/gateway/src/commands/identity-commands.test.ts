import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { groupCommand } from './group.ts';
import { readPassword } from './read-password.ts';
import { servicePrincipalCommand } from './service-principal.ts';
import { tokenCommand } from './token.ts';
import { userCommand } from './user.ts';

const users = [{ name: 'ada', groups: ['admins'], active: true }];
vi.mock('../config/load.ts', () => ({
  loadConfig: async ({ data }: { data: string }) => ({
    users,
    server: { dataDirectory: data },
    state: { url: undefined, maxConnections: 2 },
  }),
}));

let directory: string;
let out: string[];
let err: string[];
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-people-'));
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
  for (const command of [userCommand, groupCommand, servicePrincipalCommand, tokenCommand]) command(program);
  await program.parseAsync([...args, '--data', directory], { from: 'user' });
  return Number(process.exitCode);
}

function typed(text: string): void {
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([text]) as unknown as typeof process.stdin);
}

test('a user is made, listed, deactivated, activated and deleted', async () => {
  expect(await run('group', 'create', 'team')).toBe(0);
  expect(await run('user', 'create', 'eve@example.com', '--display-name', 'Eve', '--group', 'team')).toBe(0);
  await run('user', 'list');
  expect(out[0]).toMatch(/ada +active +configuration +admins\n.*eve@example\.com +active +directory +team$/);
  await run('token', 'create', '--user', 'EVE@example.com');
  expect(out[0]).toMatch(/^ucg_/);
  expect(await run('user', 'deactivate', 'eve@example.com')).toBe(0);
  await run('token', 'list');
  expect(out[0]).toContain('revoked');
  expect(await run('token', 'create', '--user', 'eve@example.com')).toBe(1);
  expect(await run('user', 'activate', 'eve@example.com')).toBe(0);
  await run('user', 'list', '--json');
  expect(JSON.parse(out[1]!)).toMatchObject({ user: 'eve@example.com', active: true, groups: ['team'] });
  expect(await run('user', 'delete', 'eve@example.com')).toBe(0);
  expect(await run('user', 'delete', 'eve@example.com')).toBe(1);
  expect(err.join()).toContain('user create');
});

test('passwords come on standard input only and are shown nowhere', async () => {
  typed('correct horse battery\n');
  expect(await run('user', 'create', 'eve', '--password-stdin')).toBe(0);
  typed('another horse battery');
  expect(await run('user', 'set-password', 'ada', '--password-stdin')).toBe(0);
  expect([...out, ...err].join()).not.toContain('horse');
  typed('short');
  expect(await run('user', 'set-password', 'ada', '--password-stdin')).toBe(1);
  expect(err.join()).toMatch(/12 to 1024/);
  expect(err.join()).not.toContain('short;');
});

test.each(['', '\n', 'two\nlines', 'x'.repeat(9_000)])('%j is no password', async (text) => {
  await expect(readPassword(Readable.from([text]))).rejects.toThrow(/standard input|Standard input/);
});

test('members come and go, and the last admin stays', async () => {
  await run('user', 'create', 'eve');
  expect(await run('group', 'add-member', 'admins', 'eve')).toBe(0);
  await run('group', 'list', '--json');
  expect(out.map((line) => JSON.parse(line) as object)).toMatchObject([
    { group: 'account users', source: 'built-in' },
    { group: 'admins', members: ['ada', 'eve'] },
  ]);
  expect(await run('group', 'remove-member', 'admins', 'eve')).toBe(0);
  expect(await run('group', 'remove-member', 'admins', 'eve')).toBe(1);
  expect(await run('group', 'remove-member', 'admins', 'ada')).toBe(1);
  expect(err.join()).toContain('gateway.yaml');
  expect(await run('group', 'delete', 'admins')).toBe(1);
  expect(await run('group', 'add-member', 'admins', 'nobody')).toBe(1);
});

test('a service principal and its secrets', async () => {
  expect(await run('service-principal', 'create', 'CI', '--application-id', 'ci')).toBe(0);
  expect(out).toEqual(['ci']);
  expect(await run('service-principal', 'create-secret', 'ci', '--lifetime', '90d')).toBe(0);
  const secret = out[0]!;
  expect(secret).toMatch(/^ucs_[\w-]{43}$/);
  await run('service-principal', 'list-secrets', 'ci');
  const id = /^([0-9a-f]{16}) +valid/m.exec(out[0]!)?.[1] ?? '';
  expect(out.join()).not.toContain(secret.slice(4));
  expect(await run('service-principal', 'revoke-secret', 'ci', id)).toBe(0);
  expect(await run('service-principal', 'revoke-secret', 'ci', id)).toBe(1);
  await run('service-principal', 'list');
  expect(out[0]).toMatch(/ci +CI +active/);
  expect(await run('service-principal', 'delete', 'ci')).toBe(0);
  expect(await run('service-principal', 'create-secret', 'ada')).toBe(1);
});

test('lists make no data directory where there is none', async () => {
  for (const command of ['user', 'group', 'service-principal']) expect(await run(command, 'list')).toBe(1);
  expect(err.join()).toMatch(/not the data directory/);
});
