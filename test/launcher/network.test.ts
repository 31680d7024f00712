// What stands between a laptop and its gateway: every trouble has one clear sentence and a cure, and nothing is kept.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import http, { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, type Laptop, type UcodeRun } from '../support/laptop.ts';
import { startTlsProxy, type TlsProxy } from '../support/tls-proxy.ts';

const TOKEN = 'ucg_a-token-that-nobody-may-see-0123456789';

let gateway: Gateway;
let tls: TlsProxy;
let laptop: Laptop;
const servers: Server[] = [];
beforeAll(async () => {
  gateway = await startGateway();
  tls = await startTlsProxy(gateway.url);
});
afterAll(async () => {
  await tls.close();
  await gateway.stop();
});
beforeEach(() => void (laptop = openLaptop()));
afterEach(async () => {
  laptop.close();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Signs in with a token there, verbosely: whatever comes of it, the token is not shown, and nothing else than text is. */
async function attempt(url: string, env: Readonly<Record<string, string>> = {}): Promise<UcodeRun> {
  const run = await laptop.ucode(['--verbose', 'login', url, '--token-stdin'], { stdin: TOKEN, env });
  const shown = run.stdout + run.stderr;
  expect(shown).not.toContain(TOKEN);
  // oxlint-disable-next-line no-control-regex
  expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  if (run.code !== 0) expect(existsSync(path.join(laptop.home, '.ucode', 'settings.json'))).toBe(false);
  return run;
}

describe('it is not there, or not a gateway', () => {
  it.each<[string, string, RegExp]>([
    ['nothing listens', 'http://127.0.0.1:9', /cannot be reached: nothing listens there.*\n.*Check the address/],
    ['no such host', 'https://gateway.invalid', /cannot be reached: .*\n.*Check the address/],
    ['no address at all', 'http://', /is not the address of a gateway/],
    ['a wrong scheme', 'ftp://gateway.example.com', /begins with https/],
    ['a password in it', 'https://a:b@gateway.example.com', /no user name or password/],
  ])('%s', async (_, url, sentence) => {
    const { code, stderr } = await attempt(url);
    expect(stderr).toMatch(sentence);
    expect([1, 2]).toContain(code);
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['a page', (response) => response.end('<html>Hello</html>'), /does not answer like a gateway.*\n.*without a path/],
    ['another API', (response) => response.writeHead(404).end('{"detail":"Not Found"}'), /Not Found/],
    ['broken JSON', (response) => response.end('{"userName": "ad'), /does not answer like a gateway/],
    [
      'an answer that breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': 1_000 });
        response.write('{', () => response.destroy());
      },
      /broke off its answer/,
    ],
    [
      'control characters',
      (response) => response.writeHead(403).end('{"error_code":"X","message":"no\\u001b[2J\\u0007 \\u202e way"}'),
      /no\?\[2J\? \? way/,
    ],
    [
      'a redirection elsewhere',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      /not followed/,
    ],
    ['a failure', (response) => response.writeHead(500).end('oh'), /answered 500/],
  ])('%s', async (_, answer, sentence) => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      answer(response);
    });
    const { code, stderr } = await attempt(url);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(1);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('says nothing', async () => {
    const url = await serve(() => {});
    const { code, stderr } = await attempt(url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/did not answer/);
  });

  it('an answer without end is not read for ever', async () => {
    const url = await serve((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const { code, stderr } = await attempt(url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/too long/);
  });
});

describe('TLS', () => {
  it('an unknown authority: how to trust it, and then it works', async () => {
    const url = `https://localhost:${tls.port}`;
    const { code, stderr } = await attempt(url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/authority that this machine does not know/);
    expect(stderr).toContain('NODE_EXTRA_CA_CERTS and SSL_CERT_FILE');
    for (const name of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']) {
      const args = ['login', url, '--token-stdin'];
      const run = await laptop.ucode(args, { stdin: gateway.token, env: { [name]: tls.certificate } });
      expect(run.code, run.stderr).toBe(0);
      expect(await laptop.ucode(['whoami'], { env: { [name]: tls.certificate } })).toMatchObject({ code: 0 });
    }
  });

  it('https where there is none, http where there is', async () => {
    expect((await attempt(gateway.url.replace('http:', 'https:'))).stderr).toMatch(/does not speak TLS/);
    expect(await attempt(`http://127.0.0.1:${tls.port}`)).toMatchObject({ code: 1 });
  });

  it('a file of certificates that is none', async () => {
    const { code, stderr } = await attempt(`https://localhost:${tls.port}`, { SSL_CERT_FILE: '/etc/hostname' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/SSL_CERT_FILE names .*, which cannot be read as certificates/);
  });
});

describe('a proxy', () => {
  /** A CONNECT proxy that takes every name for this machine. */
  async function startProxy(answer?: number) {
    const targets: string[] = [];
    const server = http.createServer();
    servers.push(server);
    server.on('connect', (request, client: Socket) => {
      targets.push(request.url ?? '');
      if (answer !== undefined) return void client.end(`HTTP/1.1 ${answer} No\r\n\r\n`);
      const upstream = connect(tls.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [upstream, client]) socket.on('error', () => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { targets, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it('is used, but not for loopback and for what NO_PROXY names', async () => {
    const proxy = await startProxy();
    const url = 'https://gateway.test.internal';
    const env = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: tls.certificate };
    const args = ['login', url, '--token-stdin'];
    const through = await laptop.ucode(args, { stdin: gateway.token, env });
    expect(through.code, through.stderr).toBe(0);
    expect(await laptop.ucode(['whoami'], { env })).toMatchObject({ code: 0 });
    expect(proxy.targets).toContain('gateway.test.internal:443');
    proxy.targets.length = 0;
    const past = await laptop.ucode(['whoami'], { env: { ...env, NO_PROXY: '.internal' } });
    expect(past).toMatchObject({ code: 1 });
    expect(
      await laptop.ucode(['login', gateway.url, '--token-stdin'], {
        stdin: gateway.token,
        env: { HTTP_PROXY: proxy.url },
      }),
    ).toMatchObject({ code: 0 });
    expect(proxy.targets).toEqual([]);
  });

  it('that refuses, wants a password, or is no address', async () => {
    const url = 'https://gateway.test.internal';
    expect((await attempt(url, { HTTPS_PROXY: (await startProxy(403)).url })).stderr).toMatch(
      /the proxy .* answered 403/,
    );
    expect((await attempt(url, { HTTPS_PROXY: (await startProxy(407)).url })).stderr).toMatch(/wants a user name/);
    expect((await attempt(url, { HTTPS_PROXY: 'socks5://127.0.0.1:1' })).stderr).toMatch(
      /HTTPS_PROXY is not the address/,
    );
  });
});

describe('refresh', () => {
  interface Grants {
    readonly url: string;
    readonly refreshes: string[];
    fail: number | 'hang' | undefined;
  }

  /** A gateway's sign-in, as much as a refresh needs, that counts. */
  async function startGrants(): Promise<Grants> {
    const grants = { url: '', refreshes: [] as string[], fail: undefined as Grants['fail'] };
    grants.url = await serve((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const answer = (status: number, json: object): void =>
          void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
        if (request.url?.includes('oauth-authorization-server')) {
          const at = (name: string): string => `${grants.url}/oidc/v1/${name}`;
          return answer(200, { authorization_endpoint: at('authorize'), token_endpoint: at('token') });
        }
        if (request.url !== '/oidc/v1/token') return answer(404, {});
        if (grants.fail === 'hang') return;
        if (grants.fail !== undefined)
          return answer(grants.fail, { error: 'invalid_grant', error_description: 'Refresh token is invalid' });
        grants.refreshes.push(new URLSearchParams(body).get('refresh_token') ?? '');
        const { length } = grants.refreshes;
        answer(200, { access_token: `access-${length}`, refresh_token: `refresh-${length}`, expires_in: 3600 });
      });
    });
    return grants;
  }

  /** Leaves a sign-in on the laptop whose access token is valid for so long still. */
  function signedIn(url: string, validMs: number): void {
    const now = Date.now();
    const access = { value: 'access-0', issuedAt: now - 3_600_000 + validMs, expiresAt: now + validMs };
    const credential = { kind: 'oauth', clientId: 'databricks-cli', refreshToken: 'refresh-0', access };
    const directory = path.join(laptop.home, '.ucode');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(directory, 'credentials.json'), JSON.stringify({ [url]: credential }), { mode: 0o600 });
  }

  it('twenty processes refresh once', async () => {
    const grants = await startGrants();
    signedIn(grants.url, -1_000);
    const runs = await Promise.all(
      Array.from({ length: 20 }, () => laptop.ucode(['auth-token', '--host', grants.url])),
    );
    expect(new Set(runs.map(({ stdout }) => stdout))).toEqual(new Set(['access-1\n']));
    expect(grants.refreshes).toEqual(['refresh-0']);
  });

  it('a process that is killed over it leaves nothing that others wait for', async () => {
    const grants = await startGrants();
    signedIn(grants.url, -1_000);
    grants.fail = 'hang';
    const child = laptop.start(['auth-token', '--host', grants.url]);
    const locks = path.join(laptop.home, '.ucode', 'locks');
    await expect.poll(() => existsSync(locks) && readdirSync(locks), { timeout: 60_000 }).toHaveLength(1);
    child.kill('SIGKILL');
    grants.fail = undefined;
    expect(await laptop.ucode(['auth-token', '--host', grants.url])).toMatchObject({ code: 0, stdout: 'access-1\n' });
  });

  it('what is still valid serves while the gateway is away; what has ended needs a sign-in', async () => {
    signedIn('http://127.0.0.1:9', 60_000);
    expect(await laptop.ucode(['auth-token', '--host', 'http://127.0.0.1:9'])).toMatchObject({
      code: 0,
      stdout: 'access-0\n',
    });
    const grants = await startGrants();
    signedIn(grants.url, -1_000);
    grants.fail = 400;
    const ended = await laptop.ucode(['auth-token', '--host', grants.url]);
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).toContain(`ucode login ${grants.url}`);
  });

  it('--force-refresh renews what seems valid', async () => {
    const grants = await startGrants();
    signedIn(grants.url, 3_500_000);
    expect((await laptop.ucode(['auth-token', '--host', grants.url])).stdout).toBe('access-0\n');
    expect((await laptop.ucode(['auth-token', '--host', grants.url, '--force-refresh'])).stdout).toBe('access-1\n');
  });
});
