import { describe, expect, test } from 'vitest';
import { explainConfig } from './explain.ts';
import { loadConfig } from './load.ts';
import { postgresAddress } from './postgres-url.ts';
import { ConfigError } from './problems.ts';
import { load, smallFile } from './testing-file.ts';

const messageOf = async (loading: Promise<unknown>): Promise<string> => {
  try {
    await loading;
  } catch (error) {
    if (error instanceof ConfigError) return JSON.stringify([error.message, error.problems]);
    throw error;
  }
  return 'no error';
};

test('the state is embedded unless a URL says otherwise', async () => {
  const { state } = await loadConfig({ env: {} });
  expect(state).toEqual({ url: undefined, maxConnections: 10, staleLimitMs: 60_000 });
  const file = `${smallFile}state: { url: "\${env:DB}", max_connections: 3, stale_limit: 5s }\n`;
  const env = { DB: 'postgres://u:from-the-file@db.example/ucode' };
  expect((await load(file, env)).state).toEqual({ url: env.DB, maxConnections: 3, staleLimitMs: 5_000 });
  const other = 'postgresql://u:from-the-variable@db.example:6432/ucode?sslmode=verify-full';
  const config = await load(file, { ...env, UCODE_GATEWAY_STATE_URL: other });
  expect(config.state.url).toBe(other);
  expect(config.sources).toContain('UCODE_GATEWAY_STATE_URL');
});

test('no URL is shown with its password, wherever it is from', async () => {
  const url = 'postgres://gateway:s3cr%2Fet-word@db.example:5432/ucode?application_name=x';
  const shown = [
    explainConfig(await load(`${smallFile}state: { url: "${url}" }\n`)),
    explainConfig(
      await load(`${smallFile}state: { url: "postgres://gateway:\${env:PW}@db.example:5432/ucode" }\n`, {
        PW: 's3cr%2Fet-word',
      }),
    ),
    explainConfig(await loadConfig({ env: { UCODE_GATEWAY_STATE_URL: url } })),
  ];
  for (const text of shown) {
    expect(text).toMatch(/^ {2}place +postgres:\/\/db\.example:5432\/ucode$/m);
    expect(text).not.toMatch(/s3cr|et-word|gateway:/);
  }
});

test('a wrong URL is refused without a word of it', async () => {
  const wrong = [
    'mysql://u:hidden-word@h/d',
    'postgres://u:hid#hidden-word@h/d',
    'postgres://u:hid/hidden-word@h/d',
    'hidden-word',
  ];
  for (const url of wrong) {
    const messages = [
      await messageOf(load(`${smallFile}state: { url: "${url}" }\n`)),
      await messageOf(loadConfig({ env: { UCODE_GATEWAY_STATE_URL: url } })),
    ];
    for (const message of messages) {
      expect(message).toContain('postgres://user:password@host:5432/database');
      expect(message).not.toContain('hid');
    }
  }
});

describe('the address of a database', () => {
  test.each([
    ['postgres://user:pass@db.example:5432/ucode?sslmode=require', 'postgres://db.example:5432/ucode'],
    ['postgresql://db.example/ucode', 'postgres://db.example/ucode'],
    ['postgres://user:p%40ss%2F@[::1]:5432/ucode', 'postgres://[::1]:5432/ucode'],
    ['postgres://user:p@ss@db.example/ucode', 'postgres://db.example/ucode'],
    ['postgres:///ucode?host=/var/run/postgresql', 'postgres:/var/run/postgresql ucode'],
    ['postgres://user:pass@/ucode?host=/run/pg&port=5433', 'postgres:/run/pg ucode'],
    ['postgres://user:pass@%2Frun%2Fpg/ucode', 'postgres:/run/pg ucode'],
    ['postgres://db.example/ucode?user=u&password=hidden', 'postgres://db.example/ucode'],
    ['postgres://user:pa/ss@db.example/ucode', undefined],
    ['postgres://user:12?ss@db.example/ucode', undefined],
    ['postgres://user:12#ss@db.example/ucode', undefined],
    ['postgres://user:pass@db.example:port/ucode', undefined],
    ['http://db.example/ucode', undefined],
    ['/var/run/postgresql ucode', undefined],
    ['', undefined],
  ])('of %s', (url, address) => {
    expect(postgresAddress(url)).toBe(address);
  });
});
