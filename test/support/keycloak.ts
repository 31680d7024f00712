import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ended, tieToThisProcess } from './child-processes.ts';
import { freePort } from './free-port.ts';
import { installKeycloak, type KeycloakProgram } from './keycloak-install.ts';
import { CLIENT, testRealm } from './keycloak-realm.ts';

/** A real Keycloak on a free loopback port, with the test realm. */
export interface Keycloak {
  /** Of the test realm. */
  readonly issuer: string;
  readonly client: typeof CLIENT;
  /** Calls the admin API, below `/admin/realms/<realm>`: `admin('GET', '/users?username=ada')`. Gives the parsed answer. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The redirect URIs of the gateway's client, which are known when the gateway listens. */
  allowRedirects(...uris: readonly string[]): Promise<void>;
  /** Changes a user, by user name. */
  changeUser(userName: string, change: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes a new signing key that is used from now on. */
  rotateKeys(): Promise<void>;
  stop(): Promise<void>;
}

const REALM = 'company';
const START_LIMIT_MS = 180_000;
const ATTEMPTS = 3;

/** Installs what is missing and starts. The database is in memory and ends with the process. */
export async function startKeycloak(): Promise<Keycloak> {
  const program = await installKeycloak();
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(program, await freePort());
    } catch (error) {
      // The port may have been taken meanwhile.
      if (attempt >= ATTEMPTS || !/already in use|already bound/i.test(String(error))) throw error;
    }
  }
}

async function start(program: KeycloakProgram, port: number): Promise<Keycloak> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'ucode-keycloak-'));
  const origin = `http://127.0.0.1:${port}`;
  const password = randomBytes(12).toString('hex');
  const child = spawn(
    program.java,
    [
      `-Djava.io.tmpdir=${scratch}`,
      ...program.arguments,
      'start',
      '--optimized',
      '--http-enabled=true',
      '--http-host=127.0.0.1',
      `--http-port=${port}`,
      `--hostname=${origin}`,
      '--cache=local',
    ],
    {
      cwd: scratch,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: password },
    },
  );
  tieToThisProcess(child);
  const exit = ended(child);
  let output = '';
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit.catch(() => undefined);
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not listening after ${START_LIMIT_MS} ms`)), START_LIMIT_MS);
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text: Buffer) => {
          output += text.toString();
          if (/started in [\d.]+s\. Listening on/.test(output)) resolve();
        });
      }
      exit.then((code) => reject(new Error(`exit ${code}`)), reject);
      exit.finally(() => clearTimeout(timer)).catch(() => {});
    });
    const call = adminApi(origin, password);
    await call('POST', '', testRealm(REALM));
    return { ...handle(origin, call), stop };
  } catch (error) {
    await stop();
    throw new Error(`Keycloak did not start (${String(error)}):\n${output}`, { cause: error });
  }
}

type AdminCall = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** The admin API below `/admin/realms`, with a token of its own for each call: they are short-lived. */
function adminApi(origin: string, password: string): AdminCall {
  return async (method, address, body) => {
    const token = (await post(`${origin}/realms/master/protocol/openid-connect/token`, {
      grant_type: 'password',
      client_id: 'admin-cli',
      username: 'admin',
      password,
    })) as { readonly access_token: string };
    const response = await fetch(`${origin}/admin/realms${address}`, {
      method,
      headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keycloak: ${method} ${address}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

function handle(origin: string, call: AdminCall): Omit<Keycloak, 'stop'> {
  const admin: AdminCall = (method, address, body) => call(method, `/${REALM}${address}`, body);
  return {
    issuer: `${origin}/realms/${REALM}`,
    client: CLIENT,
    admin,
    async allowRedirects(...uris: readonly string[]): Promise<void> {
      const [client] = (await admin('GET', `/clients?clientId=${CLIENT.id}`)) as readonly Record<string, unknown>[];
      if (client === undefined) throw new Error('Keycloak has no client for the gateway');
      await admin('PUT', `/clients/${String(client['id'])}`, { ...client, redirectUris: uris });
    },
    async changeUser(userName: string, change: Readonly<Record<string, unknown>>): Promise<void> {
      const found = (await admin(
        'GET',
        `/users?exact=true&username=${encodeURIComponent(userName)}`,
      )) as readonly Record<string, unknown>[];
      const user = found[0];
      if (user === undefined) throw new Error(`Keycloak has no user ${userName}`);
      await admin('PUT', `/users/${String(user['id'])}`, { ...user, ...change });
    },
    async rotateKeys(): Promise<void> {
      const realm = (await admin('GET', '')) as { readonly id: string };
      await admin('POST', '/components', {
        name: `rsa-${randomBytes(4).toString('hex')}`,
        parentId: realm.id,
        providerId: 'rsa-generated',
        providerType: 'org.keycloak.keys.KeyProvider',
        config: {
          priority: [String(1000 + (Date.now() % 1_000_000))],
          enabled: ['true'],
          active: ['true'],
          algorithm: ['RS256'],
        },
      });
    },
  };
}

async function post(url: string, form: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}
