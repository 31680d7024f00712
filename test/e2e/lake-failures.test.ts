// What the disk, the clock and other gateways can do to the lake, and what is left of it afterwards:
// every acknowledged row, once.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ddlFor } from '../../packages/gateway/src/otel/table-ddl.ts';
import { startGateway, type Gateway, type GatewayStart } from '../support/gateway-process.ts';
import { pollSql, runSql } from '../support/statements.ts';
import { call } from './support/http-call.ts';
import { logsBody, sendOtlp } from './support/otlp.ts';
import { childrenOf } from './support/processes.ts';
import { withScratchDirectory } from './support/scratch-directory.ts';
import { noMounting, onSmallDisk } from './support/small-disk.ts';
import { waitFor } from './support/wait-for.ts';

const TABLE = 'main.default.agents_otel_logs';
const probe = path.join(tmpdir(), `ucode-mount-${process.pid}`);
const cannotMount = await noMounting(probe);
await rm(probe, { recursive: true, force: true });
if (cannotMount) console.log(`tests of full and read-only disks are skipped: ${cannotMount}`);

/** Runs `work` with a gateway that is stopped in the end, and prints what it wrote where that fails. */
async function withGateway(options: GatewayStart, work: (gateway: Gateway) => Promise<void>): Promise<void> {
  const started = await startGateway(options);
  const token = started.token || (await waitFor('the first token', () => /ucg_[\w-]+/.exec(started.output())?.[0]));
  try {
    await work({ ...started, token });
  } catch (error) {
    console.log(started.output().slice(-4_000));
    throw error;
  } finally {
    await started.stop();
  }
}

const makeTable = (gateway: Gateway) => runSql(gateway, ddlFor('logs', 'v1', TABLE.split('.')));

/** Sends log records, and notes those that were acknowledged. */
class Sender {
  readonly acknowledged: string[] = [];
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  /** @param bytes of the record, hardly compressible. */
  async send(bytes = 0) {
    const id = `${this.#gateway.pid}-${this.acknowledged.length}-${randomBytes(bytes / 2).toString('hex')}`;
    const answer = await sendOtlp(this.#gateway, { table: TABLE, body: logsBody(id) });
    if (answer.status === 200) this.acknowledged.push(id);
    return answer;
  }

  /** Waits until what was acknowledged is in the table; checks that each is there once and nothing else. */
  async expectAllOnce(limitMs = 90_000): Promise<void> {
    const wanted = this.acknowledged.map((id) => id.split('-').slice(0, 2).join('-')).toSorted();
    const sql = `SELECT regexp_extract(body, '^[0-9]+-[0-9]+', 0) AS id FROM ${TABLE} ORDER BY id`;
    let ids: (string | null)[] = [];
    const deadline = Date.now() + limitMs;
    while (Date.now() < deadline && ids.length < wanted.length) {
      ids = await runSql(this.#gateway, sql).then(
        (rows) => rows.map((row) => row['id']!),
        () => [],
      );
      await sleep(200);
    }
    expect(ids.toSorted()).toEqual(wanted);
  }
}

async function ask({ url, token }: Gateway): Promise<number> {
  const body = JSON.stringify({ model: 'system.ai.gpt-5-5', messages: [{ role: 'user', content: 'hi' }] });
  return (await call(`${url}/ai-gateway/mlflow/v1/chat/completions`, { token, body })).status;
}

const readiness = async ({ url }: Gateway) => {
  const { status, json } = await call(`${url}/readyz`);
  return { status, reason: json().reason as string | undefined };
};

const usageCount = 'SELECT count(*) AS n, count(DISTINCT invocation_id) AS d FROM system.ai_gateway.usage';

const linesWith = (gateway: Gateway, text: string) =>
  gateway
    .output()
    .split('\n')
    .filter((line) => line.includes(text)).length;

describe.skipIf(cannotMount)('a disk', () => {
  it('that is full: callers are told to come back, and it goes on by itself', () =>
    withScratchDirectory((scratch) =>
      onSmallDisk(path.join(scratch, 'disk'), '24m', async ({ directory }) => {
        await withGateway({ data: path.join(directory, 'data') }, async (gateway) => {
          await makeTable(gateway);
          // To empty the spool takes as much room again, and more for the table itself.
          const ballast = path.join(directory, 'ballast');
          await writeFile(ballast, Buffer.alloc(16 * 1024 * 1024));
          const sender = new Sender(gateway);
          // The loader may win a little room back in between: then more is sent.
          const ready = await waitFor('the disk to be full', async () => {
            const refusal = await sender.send(100_000);
            if (refusal.status === 200) return false;
            expect(refusal).toMatchObject({ status: 503, retryAfter: expect.any(String) });
            expect(refusal.message).toMatch(/spool|room|full/);
            const answer = await readiness(gateway);
            return answer.status === 503 && answer;
          });
          expect(ready.reason).toContain('telemetry');
          expect(sender.acknowledged.length).toBeGreaterThan(10);

          await waitFor('the log to say so', () => linesWith(gateway, 'cannot be loaded yet') > 0);
          await rm(ballast);
          await waitFor('the gateway to be ready', async () => (await readiness(gateway)).status === 200);
          expect((await sender.send(100)).status).toBe(200);
          expect(await ask(gateway)).toBe(200);
          await sender.expectAllOnce();
          expect((await pollSql(gateway, usageCount, (rows) => rows[0]!['n'] === '1'))[0]).toEqual({ n: '1', d: '1' });
          expect(linesWith(gateway, 'cannot be loaded yet')).toBeLessThan(10);
        });
      }),
    ));

  it('that is read-only: rows wait, one line says so, and all arrive', () =>
    withScratchDirectory((scratch) =>
      onSmallDisk(path.join(scratch, 'lake'), '64m', async ({ directory, remount }) => {
        await withGateway(
          { config: JSON.stringify({ lake: { root: path.join(directory, 'root') } }) },
          async (gateway) => {
            await makeTable(gateway);
            const sender = new Sender(gateway);
            await sender.send();
            expect(await ask(gateway)).toBe(200);
            await sender.expectAllOnce();
            await remount('ro');
            for (let round = 0; round < 30; round++) {
              expect((await sender.send()).status).toBe(200);
              expect(await ask(gateway)).toBe(200);
              await sleep(100);
            }
            await waitFor('both spools to be held up', () => linesWith(gateway, 'rows cannot be loaded yet') >= 2);
            expect(await runSql(gateway, `SELECT count(*) AS n FROM ${TABLE}`)).toEqual([{ n: '1' }]);
            await expect(runSql(gateway, 'CREATE TABLE main.default.more (a INT)')).rejects.toThrow(/read-only/);
            expect(gateway.output()).toContain('read-only');
            expect(linesWith(gateway, 'process ended')).toBe(0);
            await remount('rw');
            await sender.expectAllOnce();
            const usage = await pollSql(gateway, usageCount, (rows) => rows[0]!['n'] === '31');
            expect(usage).toEqual([{ n: '31', d: '31' }]);
            await waitFor('the line that says so', () => linesWith(gateway, 'rows can be loaded again') === 2);
            // One line per spool and table, however often it was tried.
            expect(linesWith(gateway, 'rows cannot be loaded yet')).toBe(2);
          },
        );
      }),
    ));
});

it('a lake that is deleted under the gateway: said clearly, rows wait for it to come back', () =>
  withGateway({}, async (gateway) => {
    await makeTable(gateway);
    const sender = new Sender(gateway);
    await sender.send();
    expect(await ask(gateway)).toBe(200);
    await sender.expectAllOnce();
    await pollSql(gateway, usageCount, (rows) => rows[0]!['n'] === '1');
    const root = path.join(gateway.data, 'lake');
    const away = path.join(gateway.data, 'away');
    await rename(root, away);

    // What is not acknowledged is for the sender to keep.
    expect([200, 503]).toContain((await sender.send()).status);
    expect(await ask(gateway)).toBe(200);
    await expect(runSql(gateway, `SELECT * FROM ${TABLE}`)).rejects.toThrow(
      /its files are not in the lake at the moment/,
    );
    await waitFor('the gateway to say so', () => gateway.output().includes('Is the storage of lake.root mounted?'));
    const refusal = await waitFor('exports to be refused', async () => {
      const answer = await sender.send();
      return answer.status !== 200 && answer;
    });
    expect(refusal).toMatchObject({ status: 503, retryAfter: '5' });
    expect(gateway.output()).not.toMatch(/process ended|rows are dropped|they are dropped/);
    expect((await readiness(gateway)).status).toBe(200);

    await rm(root, { recursive: true, force: true });
    await rename(away, root);
    await sender.expectAllOnce();
    expect(await pollSql(gateway, usageCount, (rows) => rows[0]!['n'] === '2')).toEqual([{ n: '2', d: '2' }]);
  }));

it('a clock that jumps back an hour: commits and their history go on', () =>
  withScratchDirectory(async (scratch) => {
    const preload = path.join(scratch, 'clock.mjs');
    await writeFile(
      preload,
      `import { writeFileSync } from 'node:fs';
       const { now } = Date;
       let shift = 0;
       Date.now = () => now() - shift;
       globalThis.Date = class extends Date {
         constructor(...parts) { super(...(parts.length === 0 ? [Date.now()] : parts)); }
       };
       process.on('SIGUSR2', () => {
         shift = 3_600_000;
         writeFileSync(${JSON.stringify(path.join(scratch, 'shifted-'))} + process.pid, '');
       });`,
    );
    await withGateway({ env: { NODE_OPTIONS: `--import ${pathToFileURL(preload)}` } }, async (gateway) => {
      await makeTable(gateway);
      const sender = new Sender(gateway);
      await sender.send();
      expect(await ask(gateway)).toBe(200);
      await sender.expectAllOnce();
      await pollSql(gateway, usageCount, (rows) => rows[0]!['n'] === '1');
      for (const pid of [gateway.pid, ...(await childrenOf(gateway.pid, 'lake-process'))]) {
        process.kill(pid, 'SIGUSR2');
        await waitFor('the clock to jump', async () => (await readdir(scratch)).includes(`shifted-${pid}`));
      }
      for (let round = 0; round < 4; round++) {
        await sender.send();
        expect(await ask(gateway)).toBe(200);
        // So that each round is a commit of its own.
        await sender.expectAllOnce();
      }
      expect(await pollSql(gateway, usageCount, (rows) => rows[0]!['n'] === '5')).toEqual([{ n: '5', d: '5' }]);
      const times =
        'SELECT max(event_time) - min(event_time) > INTERVAL 50 MINUTES AS jumped FROM system.ai_gateway.usage';
      expect(await runSql(gateway, times)).toEqual([{ jumped: 'true' }]);

      const log = path.join(gateway.data, 'lake', ...TABLE.split('.'), '_delta_log');
      const commits = (await readdir(log)).filter((name) => /^\d+\.json$/.test(name)).toSorted();
      expect(commits.length).toBeGreaterThan(3);
      const stamps = await Promise.all(
        commits.map(async (name) => {
          const [first] = (await readFile(path.join(log, name), 'utf8')).split('\n');
          return (JSON.parse(first!) as { commitInfo: { timestamp: number } }).commitInfo.timestamp;
        }),
      );
      expect(stamps).toEqual(stamps.toSorted((one, other) => one - other));
      expect(new Set(stamps).size).toBe(stamps.length);
      const history = await runSql(gateway, `DESCRIBE HISTORY ${TABLE}`);
      expect(history.map((row) => Number(row['version']))).toEqual(
        commits.map((_, index) => commits.length - 1 - index),
      );
      await runSql(gateway, `OPTIMIZE ${TABLE}`);
      await sender.expectAllOnce();
    });
  }));

it('two gateways on one lake share the built-in tables', () =>
  withScratchDirectory(async (scratch) => {
    const config = JSON.stringify({ lake: { root: path.join(scratch, 'lake'), commit_interval: '100ms' } });
    await withGateway({ config }, (one) =>
      withGateway({ config }, async (two) => {
        await Promise.all(
          [one, two].flatMap((gateway) => Array.from({ length: 25 }, async () => expect(await ask(gateway)).toBe(200))),
        );
        for (const gateway of [one, two]) {
          const rows = await pollSql(gateway, usageCount, (all) => all[0]!['n'] === '50');
          expect(rows).toEqual([{ n: '50', d: '50' }]);
          expect(linesWith(gateway, '"level":"error"')).toBe(0);
        }
        expect(await readdir(path.join(scratch, 'lake', 'system', 'ai_gateway'))).toEqual(['usage']);
        // Each its own names; the same name in both is two tables.
        await makeTable(one);
        await makeTable(two);
        const senders = [new Sender(one), new Sender(two)];
        await Promise.all(senders.map((sender) => sender.send()));
        for (const sender of senders) await sender.expectAllOnce();
      }),
    );
  }));

it('two gateways that start at the same time on an empty lake make one table', () =>
  withScratchDirectory(async (scratch) => {
    const config = JSON.stringify({ lake: { root: path.join(scratch, 'lake') } });
    const gateways = await Promise.all(Array.from({ length: 3 }, () => startGateway({ config })));
    try {
      for (const gateway of gateways) expect(await ask(gateway)).toBe(200);
      for (const gateway of gateways)
        expect(await pollSql(gateway, usageCount, (rows) => rows[0]!['n'] === '3')).toEqual([{ n: '3', d: '3' }]);
      expect(await readdir(path.join(scratch, 'lake', 'system', 'ai_gateway'))).toEqual(['usage']);
    } finally {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
    }
  }));

it('a lake process that is killed in the middle of OPTIMIZE leaves the table as it was', () =>
  withGateway({ config: JSON.stringify({ lake: { commit_interval: '50ms' } }) }, async (gateway) => {
    await makeTable(gateway);
    const sender = new Sender(gateway);
    for (let round = 0; round < 6; round++) {
      for (let n = 0; n < 8; n++) {
        await sender.send(50_000);
        await sleep(60);
      }
      await sender.expectAllOnce();
      const optimized = runSql(gateway, `OPTIMIZE ${TABLE}`).then(() => 'done', String);
      await sleep(round * 25);
      for (const pid of await childrenOf(gateway.pid, 'lake-process')) process.kill(pid, 'SIGKILL');
      expect(await optimized).toMatch(/^done$|TEMPORARILY_UNAVAILABLE.*ended\. Try again/s);
      expect((await sender.send()).status).toBe(200);
    }
    await sender.expectAllOnce();
    await runSql(gateway, `OPTIMIZE ${TABLE}`);
    await sender.expectAllOnce();
  }));

it('an SQL process that is killed in the middle of a query costs that query alone', () =>
  withGateway({}, async (gateway) => {
    const long = 'SELECT sum(a.id * b.id) AS s FROM range(10000000) AS a CROSS JOIN range(10000000) AS b';
    const failed = runSql(gateway, long).then(() => 'done', String);
    const quick = runSql(gateway, 'SELECT 1 AS one');
    expect(await quick).toEqual([{ one: '1' }]);
    let isOver = false;
    void failed.finally(() => (isOver = true));
    await waitFor('the long query to end', async () => {
      for (const pid of await childrenOf(gateway.pid, 'sql-process')) if (!isOver) process.kill(pid, 'SIGKILL');
      return isOver;
    });
    expect(await failed).toMatch(/FAILED.*(ended|Try again)/s);
    expect(await runSql(gateway, 'SELECT 2 AS two')).toEqual([{ two: '2' }]);
    expect(await ask(gateway)).toBe(200);
  }));
