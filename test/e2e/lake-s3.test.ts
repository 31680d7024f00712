// The lake in an S3 store, through real gateways and a double of the store on loopback.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startS3Double,
  type S3Double,
  type S3DoubleOptions,
  type S3Fault,
} from '../../packages/gateway/src/lake/object-store/testing/s3-double/s3-double.ts';
import { ddlFor } from '../../packages/gateway/src/otel/table-ddl.ts';
import { startGateway, type Gateway, type GatewayStart } from '../support/gateway-process.ts';
import { pollSql, runSql } from '../support/statements.ts';
import { call } from './support/http-call.ts';
import { logsBody, sendOtlp } from './support/otlp.ts';
import { withScratchDirectory } from './support/scratch-directory.ts';
import { waitFor } from './support/wait-for.ts';

const LOGS = 'main.default.agents_otel_logs';
const COUNT = 'SELECT count(*) AS n, count(DISTINCT invocation_id) AS d FROM system.ai_gateway.usage';

async function withDouble(options: S3DoubleOptions, work: (double: S3Double) => Promise<void>): Promise<void> {
  const double = await startS3Double(options);
  try {
    await work(double);
  } finally {
    await double.close();
  }
}

function configFor(double: S3Double, given: { secret?: string; maintenance?: string } = {}): string {
  return JSON.stringify({
    lake: {
      root: `s3://${double.bucket}/team/lake`,
      s3: {
        endpoint: double.url,
        access_key_id: double.accessKeyId,
        secret_access_key: given.secret ?? double.secretAccessKey,
        path_style: true,
      },
      commit_interval: '200ms',
      maintenance_interval: given.maintenance ?? '1h',
    },
  });
}

/** Runs `work` with a gateway that is stopped in the end. Its token is that of its first start. */
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

async function ask({ url, token }: Gateway): Promise<void> {
  const body = JSON.stringify({ model: 'system.ai.gpt-5-5', messages: [{ role: 'user', content: 'hi' }] });
  expect((await call(`${url}/ai-gateway/mlflow/v1/chat/completions`, { token, body })).status).toBe(200);
}

async function log(gateway: Gateway, table: string, ...ids: string[]): Promise<void> {
  expect(await sendOtlp(gateway, { table, body: logsBody(...ids) })).toMatchObject({ status: 200 });
}

const usageRows = (gateway: Gateway, n: number) =>
  pollSql(gateway, COUNT, (rows) => Number(rows[0]?.['n']) >= n, 40_000);
const ids = (table: string) => `SELECT body FROM ${table} ORDER BY body`;
const keys = (double: S3Double, part: string) => [...double.objects.keys()].filter((key) => key.includes(part));

describe('a bucket', () => {
  let double: S3Double;
  beforeAll(async () => {
    double = await startS3Double();
  });
  afterAll(() => double?.close());

  it('has usage and telemetry, is tidied up, and outlives a restart', () =>
    withScratchDirectory(async (scratch) => {
      const data = path.join(scratch, 'data');
      let token = '';
      await withGateway({ config: configFor(double), data }, async (gateway) => {
        ({ token } = gateway);
        await runSql(gateway, ddlFor('logs', 'v1', LOGS.split('.')));
        for (const id of ['a', 'b', 'c']) {
          await ask(gateway);
          await log(gateway, LOGS, id);
          await pollSql(gateway, ids(LOGS), (rows) => rows.some((row) => row['body'] === id));
        }
        expect(await usageRows(gateway, 3)).toEqual([{ n: '3', d: '3' }]);
        const before = keys(double, 'agents_otel_logs/').filter((key) => key.endsWith('.parquet'));
        expect(before).toHaveLength(3);
        await runSql(gateway, `OPTIMIZE ${LOGS}`);
        await runSql(gateway, `VACUUM ${LOGS}`);
        const history = await runSql(gateway, `DESCRIBE HISTORY ${LOGS}`);
        expect(history[0]).toMatchObject({ operation: expect.stringMatching(/OPTIMIZE|VACUUM/) });
        expect(await runSql(gateway, ids(LOGS))).toEqual([{ body: 'a' }, { body: 'b' }, { body: 'c' }]);
        expect(await runSql(gateway, `SELECT count(*) AS n FROM ${LOGS} VERSION AS OF 1`)).toEqual([{ n: '1' }]);
        const [detail] = await runSql(gateway, `DESCRIBE DETAIL ${LOGS}`);
        expect(detail).toMatchObject({
          location: expect.stringContaining(`s3://${double.bucket}/team/lake/`),
          numFiles: '1',
        });
      });
      await withGateway({ config: configFor(double), data, token }, async (gateway) => {
        await ask(gateway);
        expect(await usageRows(gateway, 4)).toEqual([{ n: '4', d: '4' }]);
        expect(await runSql(gateway, ids(LOGS))).toHaveLength(3);
        await runSql(gateway, `DROP TABLE ${LOGS}`);
        await expect.poll(() => keys(double, 'agents_otel_logs/'), { timeout: 90_000 }).toEqual([]);
      });
      // Whatever was written is below the prefix.
      expect([...double.objects.keys()].filter((key) => !key.startsWith('team/lake/'))).toEqual([]);
    }));

  it('two gateways share: both write the one table of usage, and both see all of it', () =>
    withScratchDirectory(async (scratch) => {
      const config = configFor(double);
      await withGateway({ config, data: path.join(scratch, 'one') }, async (one) => {
        const before = Number((await usageRows(one, 0))[0]!['n']);
        await withGateway({ config, data: path.join(scratch, 'two') }, async (two) => {
          await Promise.all(Array.from({ length: 10 }, (_, n) => ask(n % 2 === 0 ? one : two)));
          const all = { n: String(before + 10), d: String(before + 10) };
          expect(await usageRows(one, before + 10)).toEqual([all]);
          expect(await usageRows(two, before + 10)).toEqual([all]);
          expect(new Set(keys(double, 'usage/_delta_log/').map((key) => key.split('/_delta_log')[0])).size).toBe(1);
        });
      });
    }));

  it.each(['a[1]*?', `it's "odd" 100% #1 +x`])('a table may be called %s', (name) =>
    withScratchDirectory(async (scratch) => {
      await withGateway({ config: configFor(double), data: path.join(scratch, 'data') }, (gateway) =>
        expectOwnRows(gateway, name),
      );
    }),
  );
});

it.each(['a[1]*?', `it's "odd" 100% #1 +x`])('on a disk too a table may be called %s', (name) =>
  withGateway({}, (gateway) => expectOwnRows(gateway, name)),
);

/** A table of that name, and one that a pattern in it would match: neither has the other's rows. */
async function expectOwnRows(gateway: Gateway, name: string): Promise<void> {
  const tables = [name, 'a1xy'];
  for (const table of tables) {
    await runSql(gateway, ddlFor('logs', 'v1', ['main', 'default', table]));
    await log(gateway, `main.default.${table}`, `only in ${table}`);
  }
  for (const table of tables) {
    const sql = ids(`main.default.\`${table}\``);
    expect(await pollSql(gateway, sql, (rows) => rows.length > 0)).toEqual([{ body: `only in ${table}` }]);
    await runSql(gateway, `OPTIMIZE main.default.\`${table}\``);
    await runSql(gateway, `DROP TABLE main.default.\`${table}\``);
  }
}

describe('a store that fails at random', () => {
  const seed = Number(process.env['UCODE_SEED'] ?? Date.now() % 1_000_000);
  const faults: readonly S3Fault[] = [
    { kind: 'answer', status: 503, code: 'SlowDown' },
    { kind: 'answer', status: 500, code: 'InternalError' },
    { kind: 'apply-then-answer', status: 500, code: 'InternalError' },
    { kind: 'apply-then-die' },
    { kind: 'die' },
    { kind: 'die-then-apply', delayMs: 100 },
  ];

  it(`loses and doubles nothing (UCODE_SEED=${seed})`, { timeout: 400_000 }, () =>
    withDouble({}, async (double) => {
      await withGateway({ config: configFor(double, { maintenance: '1s' }) }, async (gateway) => {
        await runSql(gateway, ddlFor('logs', 'v1', LOGS.split('.')));
        const random = randomOf(seed);
        let failed = 0;
        double.setFault(({ operation }) => {
          if (random() > 0.2) return undefined;
          failed += 1;
          if (operation === 'PutObject' && random() < 0.3)
            return { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' };
          return faults[Math.floor(random() * faults.length)];
        });
        const sent: string[] = [];
        for (let n = 10; n < 30; n += 1) {
          await ask(gateway);
          await log(gateway, LOGS, `row ${n}`);
          sent.push(`row ${n}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        await waitFor('faults', () => failed > 20);
        double.setFault(undefined);
        const rows = await pollSql(gateway, ids(LOGS), (all) => all.length >= sent.length, 60_000);
        expect(rows.map((row) => row['body'])).toEqual(sent);
        expect(await usageRows(gateway, 20)).toEqual([{ n: '20', d: '20' }]);
      });
    }),
  );
});

describe('is refused at start:', () => {
  it.each<[string, S3DoubleOptions, RegExp]>([
    [
      'a store that ignores If-None-Match',
      { fault: ({ operation }) => (operation === 'PutObject' ? { kind: 'ignore-condition' } : undefined) },
      /If-None-Match/,
    ],
    [
      'a store that does not know it',
      {
        fault: ({ operation, headers }) =>
          operation === 'PutObject' && headers['if-none-match'] !== undefined
            ? { kind: 'answer', status: 501, code: 'NotImplemented' }
            : undefined,
      },
      /If-None-Match|conditional/i,
    ],
  ])('%s', (_what, options, message) =>
    withDouble(options, async (double) => {
      const problem = await startProblem(configFor(double));
      expect(problem).toMatch(message);
      expect(problem).toContain(`s3://${double.bucket}`);
      expect(problem).toMatch(/exit [1-9]/);
      expect(problem).not.toContain(double.secretAccessKey);
    }),
  );

  it('wrong credentials, without a word of the secret', () =>
    withDouble({}, async (double) => {
      const secret = 'not-the-secret-but-secret-too';
      const problem = await startProblem(configFor(double, { secret }));
      expect(problem).toMatch(/exit [1-9]/);
      expect(problem).toMatch(/credential|access key|secret_access_key/i);
      expect(problem).not.toContain(secret);
      expect(problem).not.toMatch(/\n\s+at /);
      expect(double.objects.size).toBe(0);
    }));
});

/** Exit code and output of a gateway that does not start. */
async function startProblem(config: string): Promise<string> {
  const outcome = await startGateway({ config }).then(
    async (gateway) => {
      await gateway.stop();
      return 'It has started.';
    },
    (error: unknown) => String(error),
  );
  return outcome;
}

/** A small generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
