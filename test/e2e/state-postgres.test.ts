import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangeWatcher, LiveImage } from '../../packages/gateway/src/state/live-image.ts';
import { openStore, type Store } from '../../packages/gateway/src/state/store.ts';
import { liveImageSuite } from '../../packages/gateway/src/state/testing/live-image-suite.ts';
import { migrationSuite } from '../../packages/gateway/src/state/testing/migration-suite.ts';
import { storeSuite } from '../../packages/gateway/src/state/testing/store-suite.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { startStallingProxy } from './support/stalling-proxy.ts';
import { waitFor } from './support/wait-for.ts';
import { postgresPlace } from './support/postgres-place.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 900_000);
afterAll(() => server?.stop());

const place = postgresPlace(() => server);
const open = async (url: string): Promise<Store> => openStore({ dataDirectory: '/nonexistent', url });
const areas = async (store: Store) => (await store.all('SELECT area FROM revisions')).map((row) => row['area']);

describe('on PostgreSQL', () => {
  storeSuite(place);
  migrationSuite(place);
  liveImageSuite(place);
});

describe('a server that goes away', () => {
  it('fails statements and transactions, which work again once it is back, without a restart of ours', async () => {
    const store = await open(await server.createDatabase());
    await store.run("INSERT INTO revisions VALUES ('before', 1)");
    let inside = (): void => {};
    const begun = new Promise<void>((resolve) => (inside = resolve));
    let goOn = (): void => {};
    const gone = new Promise<void>((resolve) => (goOn = resolve));
    const cut = store.transaction(async (tx) => {
      await tx.run("INSERT INTO revisions VALUES ('cut', 1)");
      inside();
      await gone;
      await tx.run("INSERT INTO revisions VALUES ('after', 1)");
    });
    const refused = expect(cut).rejects.toMatchObject({ code: 'gateway_state_unavailable', status: 503 });
    await begun;
    await server.crash();
    goOn();
    await refused;
    await expect(store.get('SELECT 1 AS one')).rejects.toMatchObject({ code: 'gateway_state_unavailable' });
    await expect(store.read((tx) => tx.all('SELECT 1 AS one'))).rejects.toMatchObject({
      code: 'gateway_state_unavailable',
    });
    await server.start();
    expect(await areas(store)).toEqual(['before']);
    await store.transaction((tx) => tx.run("INSERT INTO revisions VALUES ('again', 1)"));
    expect((await areas(store)).toSorted()).toEqual(['again', 'before']);
    await store.close();
  });

  it('takes no connection of the pool with it', async () => {
    const url = await server.createDatabase();
    const store = await openStore({ dataDirectory: '/nonexistent', url, maxConnections: 2 });
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 4 }, () => store.get('SELECT 1 AS one')));
      await server.execute(
        server.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ucode-gateway'",
      );
      // The first may meet a connection that is just closing.
      await store.get('SELECT 1 AS one').catch(() => {});
      await Promise.all(Array.from({ length: 4 }, () => store.get('SELECT 1 AS one').catch(() => {})));
    }
    expect(await store.get('SELECT 1 AS one')).toEqual({ one: 1 });
    await store.close();
  });

  it('leaves images as they are, which say how old they are', async () => {
    const url = await server.createDatabase();
    const [store, other] = [await open(url), await open(url)];
    const errors: unknown[] = [];
    const watcher = new ChangeWatcher(store, (error) => errors.push(error), 1_000_000);
    const image = await LiveImage.open(watcher, 'unity', (db) => db.all('SELECT tag FROM unity_tags'));
    await image.change((tx) => tx.run("INSERT INTO unity_tags VALUES ('TABLE', 'x', 'a', '')"));
    const before = image.current;
    await watcher.check();
    await server.crash();
    const asked = Date.now();
    await watcher.check();
    expect(errors).toMatchObject([{ code: 'gateway_state_unavailable' }]);
    expect(image.current).toBe(before);
    expect(watcher.freshAt).toBeLessThanOrEqual(asked);
    const change = image.change((tx) => tx.run("INSERT INTO unity_tags VALUES ('TABLE', 'x', 'b', '')"));
    await expect(change).rejects.toMatchObject({ code: 'gateway_state_unavailable' });
    expect(image.current).toBe(before);
    await server.start();
    await other.run("INSERT INTO unity_tags VALUES ('TABLE', 'x', 'c', '')");
    await image.change((tx) => tx.run("DELETE FROM unity_tags WHERE tag = 'a'"));
    const back = Date.now();
    await watcher.check();
    expect(watcher.freshAt).toBeGreaterThanOrEqual(back - 1);
    expect(image.current).toEqual([{ tag: 'c' }]);
    await Promise.all([store.close(), other.close()]);
  });

  /** A session that waits within a transaction. */
  const IDLE =
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' LIMIT 1";

  it('is noticed when a transaction stands still, which loses its locks and fails', async () => {
    const url = `${await server.createDatabase()}?idle_in_transaction_session_timeout=2000`;
    const [store, other] = [await open(url), await open(url)];
    const slow = store.transaction(async (tx) => {
      await tx.run("INSERT INTO revisions VALUES ('slow', 1)");
      await waitFor('the end of its session', async () => (await other.get(IDLE)) === undefined);
      await tx.run("INSERT INTO revisions VALUES ('late', 1)");
    });
    await expect(slow).rejects.toMatchObject({ code: 'gateway_state_unavailable' });
    expect(await areas(store)).toEqual([]);
    await Promise.all([store.close(), other.close()]);
  });

  it('is given up when the network swallows its answers, and found again on other connections', async () => {
    const proxy = await startStallingProxy(server.port);
    const url = (await server.createDatabase()).replace(`:${server.port}/`, `:${proxy.port}/`);
    const store = await open(`${url}?query_timeout=3000`);
    expect(await store.run("INSERT INTO revisions VALUES ('a', 1)")).toBe(1);
    proxy.stall();
    const unavailable = { code: 'gateway_state_unavailable' };
    await expect(store.get('SELECT 1 AS one')).rejects.toMatchObject(unavailable);
    const inside = store.transaction((tx) => tx.run("INSERT INTO revisions VALUES ('b', 1)"));
    await expect(inside).rejects.toMatchObject(unavailable);
    proxy.goOn();
    expect(await areas(store)).toEqual(['a']);
    await store.close();
    proxy.close();
  });

  it('is given up when it does not answer in time', async () => {
    const url = `${await server.createDatabase()}?statement_timeout=3000`;
    const store = await open(url);
    await expect(store.get('SELECT pg_sleep(30)')).rejects.toMatchObject({ code: 'gateway_state_unavailable' });
    expect(await store.get('SELECT 1 AS one')).toEqual({ one: 1 });
    await store.close();
  });
});

describe('a database that cannot be used', () => {
  const refusal = async (url: string): Promise<Error> => {
    try {
      await (await open(url)).close();
    } catch (error) {
      return error as Error;
    }
    throw new Error('it was opened');
  };

  it('is named in the error, its password never', async () => {
    const wrongPassword = 'wr0ng-pass';
    const url = await server.createDatabase();
    const name = `127.0.0.1:${server.port}${new URL(url).pathname}`;
    const cases: [string, RegExp][] = [
      [url.replace(/:[^:@]*@/, `:${wrongPassword}@`), /password authentication failed/],
      [url.replace(/\/test_\d+$/, '/none'), /"none" does not exist/],
      [url.replace(`:${server.port}`, ':1'), /ECONNREFUSED/],
      [`${url}?sslmode=verify-full`, /self-signed certificate/],
      [
        await server.createDatabase("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0 LOCALE_PROVIDER libc"),
        /encoding is LATIN1/,
      ],
    ];
    for (const [wrong, problem] of cases) {
      const error = await refusal(wrong);
      expect(error.message, wrong).toMatch(problem);
      expect(error.message).toMatch(/^The state database postgres:\/\/127\.0\.0\.1:\d+\/\w+ cannot be used: /);
      const everything = inspect(error, { depth: 20, showHidden: true, getters: true });
      for (const secret of [wrongPassword, server.password, encodeURIComponent(server.password)]) {
        expect(everything).not.toContain(secret);
      }
    }
    expect((await refusal(cases[0]?.[0] ?? '')).message).toContain(name);
  });

  it('is reached with TLS as its URL says, and only when its certificate is trusted', async () => {
    const url = await server.createDatabase();
    const isEncrypted = async (store: Store) =>
      (await store.get('SELECT ssl AS encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()'))?.['encrypted'];
    for (const [options, encrypted] of [
      [`?sslmode=verify-full&sslrootcert=${server.certificate}`, 1],
      ['?sslmode=no-verify', 1],
      ['?sslmode=disable', 0],
    ] as const) {
      const store = await open(`${url}${options}`);
      expect(await isEncrypted(store), options).toBe(encrypted);
      await store.close();
    }
    const elsewhere = url.replace('127.0.0.1', 'localhost');
    const error = await refusal(`${elsewhere}?sslmode=verify-full&sslrootcert=${server.certificate}`);
    expect(error.message).toMatch(/does not match certificate/);
  });

  it('is found through a Unix socket too', async () => {
    const url = new URL(await server.createDatabase());
    const socket = `postgres://${url.username}:${url.password}@${url.pathname}?host=${server.socketDirectory}&port=${server.port}`;
    const store = await open(socket);
    expect(store.name).toBe(`postgres:${server.socketDirectory} ${url.pathname.slice(1)}`);
    expect(await store.get('SELECT 1 AS one')).toEqual({ one: 1 });
    await store.close();
  });

  it('can be one that the gateway may not make tables in, once they are there', async () => {
    const url = await server.createDatabase();
    await (await open(url)).close();
    await server.execute(
      url,
      `CREATE ROLE modest LOGIN PASSWORD 'modest';
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO modest`,
    );
    const modest = url.replace(/\/\/[^@]*@/, '//modest:modest@');
    const store = await open(modest);
    expect(await store.run("INSERT INTO revisions VALUES ('a', 1)")).toBe(1);
    await store.close();
    const error = await refusal(modest.replace(/test_\d+$/, (await server.createDatabase()).split('/').at(-1) ?? ''));
    expect(error.message).toMatch(/permission denied for schema public/);
  });
});
