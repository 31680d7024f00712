// Signing in and out: the browser (its cookies and forms, without a display), a code on another device, keychains,
// service principals, several workspaces.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../../packages/gateway/src/identity/oauth/testing/browser.ts';
import { call } from '../e2e/support/http-call.ts';
import { ucodeGateway } from '../e2e/support/command-line.ts';
import { ended } from '../support/child-processes.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, type Laptop } from '../support/laptop.ts';

const PATIENCE = { timeout: 60_000 };

let gateway: Gateway;
let laptop: Laptop;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway.stop());
beforeEach(() => void (laptop = openLaptop()));
afterEach(() => laptop.close());

const password = (): string => /password {2}(\S+)/.exec(gateway.output())?.[1] ?? '';

/** Starts `ucode login` and gives what it prints, as it comes. */
function login(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = laptop.start(['login', gateway.url, ...args], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, end: ended(child), shown: () => output };
}

/** Follows the address as a browser does; gives where the gateway leads to in the end. */
async function follow(address: string): Promise<URL> {
  const browser = new Browser(gateway.url);
  const page = await browser.get(address);
  await browser.submit(page, '/sign-in', { user_name: 'admin', password: password() });
  return new URL(browser.leftTo ?? 'none:');
}

async function confirmDevice(code: string, answer: Readonly<Record<string, string>>): Promise<void> {
  const browser = new Browser(gateway.url);
  const asked = await browser.submit(await browser.get('/oidc/device'), '/oidc/device', { user_code: code });
  const page = await browser.submit(asked, '/oidc/device', answer);
  if (answer['confirm']) await browser.submit(page, '/sign-in', { user_name: 'admin', password: password() });
}

const credentials = (): string => path.join(laptop.home, '.ucode', 'credentials.json');

describe('in the browser', () => {
  it('the address is opened and shown, the answer comes back to loopback, and the sign-in is private', async () => {
    laptop.program('browse', { script: `#!/bin/sh\nprintf %s "$1" > ${laptop.work}/opened\n` });
    const { end, shown } = login(['--no-device'], { BROWSER: `${laptop.bin}/browse` });
    await expect.poll(shown, PATIENCE).toContain('/oidc/v1/authorize?');
    const address = /http:\S+authorize\?\S+/.exec(shown())?.[0] ?? '';
    await expect.poll(() => existsSync(`${laptop.work}/opened`), PATIENCE).toBe(true);
    await expect.poll(() => readFileSync(`${laptop.work}/opened`, 'utf8'), PATIENCE).toBe(address);
    const { searchParams } = new URL(address);
    expect(searchParams.get('client_id')).toBe('databricks-cli');
    expect(searchParams.get('redirect_uri')).toMatch(/^http:\/\/localhost:80(2\d|3\d|40)$/);
    expect(searchParams.get('code_challenge_method')).toBe('S256');

    // What does not belong to this sign-in neither ends nor helps it.
    const listener = searchParams.get('redirect_uri') ?? '';
    expect((await fetch(`${listener}/?code=x&state=guess`)).status).toBe(400);
    expect((await fetch(`${listener}/elsewhere`)).status).toBe(404);

    const answer = await fetch(await follow(address));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('You are signed in');
    expect(await end, shown()).toBe(0);
    expect(shown()).toContain(`Signed in to ${gateway.url} as admin`);
    expect(statSync(credentials()).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await laptop.ucode(['whoami', '--json'])).stdout)).toMatchObject({ user: 'admin' });
  });

  it('a refusal is told, and nothing is kept', async () => {
    const { end, shown } = login(['--no-device']);
    await expect.poll(shown, PATIENCE).toContain('/oidc/v1/authorize?');
    const { searchParams } = new URL(/http:\S+authorize\?\S+/.exec(shown())?.[0] ?? 'none:');
    const back = new URL(searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({
      error: 'access_denied',
      error_description: 'No\u001b[2J way',
      state: searchParams.get('state') ?? '',
    }).toString();
    expect((await fetch(back)).status).toBe(400);
    expect(await end).not.toBe(0);
    expect(shown()).toContain('No?[2J way');
    expect(existsSync(credentials())).toBe(false);
  });

  it('Ctrl-C ends the wait', async () => {
    const { child, end, shown } = login(['--no-device']);
    await expect.poll(shown, PATIENCE).toContain('/oidc/v1/authorize?');
    child.kill('SIGINT');
    expect(await end).not.toBe(0);
    expect(existsSync(credentials())).toBe(false);
  });
});

describe('with a code on another device', () => {
  it.each([
    ['asked for', ['--device'], {}],
    ['over SSH', [], { SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' }],
    ['without a display', [], {}],
  ])('%s', async (_, args, env) => {
    const { end, shown } = login(args, env);
    await expect.poll(shown, PATIENCE).toMatch(/confirm this code: [A-Z]{4}-[A-Z]{4}/);
    await confirmDevice(/confirm this code: (\S+)/.exec(shown())?.[1] ?? '', { confirm: 'yes' });
    expect(await end, shown()).toBe(0);
    expect(await laptop.ucode(['whoami'])).toMatchObject({ code: 0 });
  });

  it('refused there: it ends here', async () => {
    const { end, shown } = login(['--device']);
    await expect.poll(shown, PATIENCE).toMatch(/confirm this code: [A-Z]{4}-[A-Z]{4}/);
    await confirmDevice(/confirm this code: (\S+)/.exec(shown())?.[1] ?? '', { abort: 'yes' });
    expect(await end).not.toBe(0);
    expect(existsSync(credentials())).toBe(false);
  });
});

describe('tokens', () => {
  it('from standard input: one that does not work replaces no sign-in that does', async () => {
    await laptop.signIn(gateway);
    const kept = readFileSync(credentials(), 'utf8');
    const refused = await laptop.ucode(['login', gateway.url, '--token-stdin'], { stdin: 'ucg_thisisnoneofthem' });
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.stderr).not.toContain('ucg_thisisnoneofthem');
    expect(readFileSync(credentials(), 'utf8')).toBe(kept);
    expect(await laptop.ucode(['login', gateway.url, '--token-stdin'], { stdin: '' })).toMatchObject({ code: 2 });
  });

  it.each(['UCODE_TOKEN', 'DATABRICKS_BEARER', 'DATABRICKS_TOKEN'])('from %s: nothing is stored', async (name) => {
    const env = { [name]: gateway.token, UCODE_WORKSPACE: gateway.url };
    const { code, stdout } = await laptop.ucode(['whoami'], { env });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('admin') });
    expect((await laptop.ucode(['auth-token'], { env: { ...env, DATABRICKS_HOST: gateway.url } })).stdout).toBe('');
    expect((await laptop.ucode(['auth-token', '--host', gateway.url], { env })).stdout).toBe(`${gateway.token}\n`);
    expect(Object.keys(laptop.snapshot()).filter((file) => /credentials|settings/.test(file))).toEqual([]);
    const wrong = await laptop.ucode(['whoami'], { env: { ...env, [name]: 'ucg_nobodysownatall' } });
    expect(wrong).toMatchObject({ code: 4 });
    expect(wrong.stderr).toContain(name);
    expect(wrong.stderr).not.toContain('ucg_nobodysownatall');
  });

  it('of a service principal', async () => {
    const config = JSON.stringify({
      service_principals: [{ application_id: 'ci' }],
      users: [{ name: 'root', groups: ['admins'] }],
    });
    const other = await startGateway({ config });
    try {
      const file = path.join(other.data, '..', 'gateway.yaml');
      const args = ['service-principal', 'create-secret', 'ci', '--config', file, '--data', other.data];
      const secret = (await ucodeGateway(args)).stdout.trim();
      const env = { UCODE_WORKSPACE: other.url, DATABRICKS_CLIENT_ID: 'ci', DATABRICKS_CLIENT_SECRET: secret };
      const { code, stdout, stderr } = await laptop.ucode(['whoami'], { env });
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('ci');
      const wrong = await laptop.ucode(['whoami'], { env: { ...env, DATABRICKS_CLIENT_SECRET: 'no-such-secret' } });
      expect(wrong).toMatchObject({ code: 4 });
      expect(wrong.stderr).not.toContain('no-such-secret');
    } finally {
      await other.stop();
    }
  });
});

describe('a keychain', () => {
  const bus = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
  const store = (home: string): string => `#!/bin/sh
file=${home}/../keychain
case "$1" in
  store) cat > "$file" ;;
  lookup) [ -f "$file" ] && cat "$file" || exit 1 ;;
  clear) rm -f "$file" ;;
esac
`;

  it('keeps the sign-in, and no file does', async () => {
    laptop.program('secret-tool', { script: store(laptop.home) });
    const kept = await laptop.ucode(['login', gateway.url, '--token-stdin'], { stdin: gateway.token, env: bus });
    expect(kept, kept.stderr).toMatchObject({ code: 0 });
    expect(kept.stderr).toContain('kept in keychain');
    expect(existsSync(credentials())).toBe(false);
    expect((await laptop.ucode(['auth-token'], { env: bus })).stdout).toBe(`${gateway.token}\n`);
    expect(await laptop.ucode(['logout'], { env: bus })).toMatchObject({ code: 0 });
    expect(existsSync(path.join(laptop.home, '..', 'keychain'))).toBe(false);
  });

  it('that is locked: its complaint and the way round it; what is in the file needs no keychain', async () => {
    laptop.program('secret-tool', { script: '#!/bin/sh\necho "Cannot unlock the collection" >&2\nexit 1\n' });
    const args = ['login', gateway.url, '--token-stdin'];
    const locked = await laptop.ucode(args, { stdin: gateway.token, env: bus });
    expect(locked).toMatchObject({ code: 1 });
    expect(locked.stderr).toContain('Cannot unlock the collection');
    expect(locked.stderr).toContain('UCODE_CREDENTIALS=file');
    const env = { ...bus, UCODE_CREDENTIALS: 'file' };
    expect(await laptop.ucode(args, { stdin: gateway.token, env })).toMatchObject({ code: 0 });
    expect((await laptop.ucode(['auth-token'], { env: bus })).stdout).toBe(`${gateway.token}\n`);
  });
});

it('several workspaces, and signing out of all of them', async () => {
  const other = await startGateway();
  try {
    await laptop.signIn(gateway);
    await laptop.signIn(other);
    const listed = JSON.parse((await laptop.ucode(['workspace', 'list', '--json'])).stdout).workspaces;
    expect(listed).toMatchObject([
      { url: other.url, current: true },
      { url: gateway.url, current: false },
    ]);
    expect(await laptop.ucode(['workspace', 'use', gateway.url])).toMatchObject({ code: 0 });
    expect((await laptop.ucode(['auth-token'])).stdout).toBe(`${gateway.token}\n`);
    expect((await laptop.ucode(['auth-token', '--host', other.url])).stdout).toBe(`${other.token}\n`);
    expect(await laptop.ucode(['workspace', 'use', 'https://nowhere.example.com'])).toMatchObject({ code: 2 });
    expect(await laptop.ucode(['logout', '--all'])).toMatchObject({ code: 0 });
    expect(await laptop.ucode(['auth-token', '--host', other.url])).toMatchObject({ code: 4, stdout: '' });
  } finally {
    await other.stop();
  }
});

it('a profile of the Databricks command, with its token', async () => {
  const config = `; of work\n[DEFAULT]\nhost = https://elsewhere.example.com\n\n[work]\nhost  = ${gateway.url}/\ntoken = ${gateway.token}\nauth_type = pat\n`;
  writeFileSync(path.join(laptop.home, '.databrickscfg'), config);
  laptop.program('codex', { script: '#!/bin/sh\necho 0.169.0\n' });
  const args = ['configure', '--profiles', 'work', '--use-pat', '--agents', 'codex', '--skip-validate'];
  const { code, stderr } = await laptop.ucode(args);
  expect(code, stderr).toBe(0);
  expect((await laptop.ucode(['auth-token'])).stdout).toBe(`${gateway.token}\n`);
  expect(readFileSync(path.join(laptop.home, '.databrickscfg'), 'utf8')).toBe(config);
  const unknown = await laptop.ucode(['configure', '--profiles', 'play']);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain('Profiles: DEFAULT, work');
});

it('signing out ends the sign-in at the gateway', async () => {
  const { end, shown } = login(['--device']);
  await expect.poll(shown, PATIENCE).toMatch(/confirm this code: [A-Z]{4}-[A-Z]{4}/);
  await confirmDevice(/confirm this code: (\S+)/.exec(shown())?.[1] ?? '', { confirm: 'yes' });
  expect(await end).toBe(0);
  const { refreshToken, clientId } = JSON.parse(readFileSync(credentials(), 'utf8'))[gateway.url];
  expect(await laptop.ucode(['logout'])).toMatchObject({ code: 0 });
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId });
  const answer = await call(`${gateway.url}/oidc/v1/token`, {
    body: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(answer.status).toBe(400);
});
