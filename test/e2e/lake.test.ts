// The lake through a real gateway: requests become rows, exports become rows, whoever may see them.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { pollSql, runSql } from '../support/statements.ts';
import { ucodeGateway } from './support/command-line.ts';
import { eachDialect } from './support/dialect-cases.ts';
import { call } from './support/http-call.ts';
import { childrenOf, isAlive } from './support/processes.ts';
import { withScratchDirectory } from './support/scratch-directory.ts';
import { tokenFor } from './support/token-for.ts';
import { waitFor } from './support/wait-for.ts';

const CONFIG = JSON.stringify({
  users: [{ name: 'admin', groups: ['admins'] }, { name: 'ada@example.com' }, { name: 'bob@example.com' }],
  model_provider_services: [{ name: 'main.test.demo', config: { demo: {}, allow_all_targets: true } }],
  model_services: ['kept', 'other'].map((name) => ({
    name: `main.test.${name}`,
    config: {
      routing: {
        destinations: [
          { external_model_config: { model_provider_service: 'main.test.demo', target: { model: 'claude-sonnet-5' } } },
        ],
      },
      ...(name === 'kept'
        ? { inference_table: { parent: 'schemas/main.default', table_name_prefix: 'kept', redact: ['email'] } }
        : {}),
    },
  })),
});

let gateway: Gateway;
const tokens = new Map<string, string>();
const as = (user: string) => ({ url: gateway.url, token: tokens.get(user) ?? gateway.token });

beforeAll(async () => {
  gateway = await startGateway({ config: CONFIG });
  for (const user of ['ada@example.com', 'bob@example.com']) tokens.set(user, await tokenFor(gateway, user));
});
afterAll(() => gateway?.stop());

async function ask(dialectName: string, options: { user: string; model: string; text: string; stream: boolean }) {
  const dialect = eachDialect.find(([name]) => name === dialectName)![1];
  const { path: where, body } = dialect.ask(options);
  const result = await call(gateway.url + where, { token: as(options.user).token, body });
  expect(result.status, result.text).toBe(200);
  return { body, result };
}

describe('usage', () => {
  it('is a row soon after, with the columns and types of the vendor', async () => {
    await ask('anthropic-messages', { user: 'ada@example.com', model: 'main.test.other', text: 'hi', stream: true });
    const rows = await pollSql(as('ada@example.com'), 'SELECT * FROM system.ai_gateway.usage', (all) => all.length > 0);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      requester: 'ada@example.com',
      service_name: 'main.test.other',
      input_tokens: '1200',
      status_code: '200',
    });
    expect(JSON.parse(rows[0]!['token_details']!)).toMatchObject({ cache_read_input_tokens: 1000 });
    const columns = await runSql(gateway, 'DESCRIBE TABLE system.ai_gateway.usage');
    expect(columns.slice(0, 6).map((row) => [row['col_name'], row['data_type']])).toEqual([
      ['account_id', 'string'],
      ['workspace_id', 'string'],
      ['request_id', 'string'],
      ['invocation_id', 'string'],
      ['schema_version', 'int'],
      ['event_time', 'timestamp'],
    ]);
  });

  it('is seen by its requester and by admins, and by others only after a grant', async () => {
    await ask('openai-chat', { user: 'bob@example.com', model: 'main.test.other', text: 'hi', stream: false });
    const count = 'SELECT requester, count(*) AS n FROM system.ai_gateway.usage GROUP BY requester ORDER BY requester';
    const both = await pollSql(gateway, count, (rows) => rows.length === 2);
    expect(both.map((row) => row['requester'])).toEqual(['ada@example.com', 'bob@example.com']);
    expect(await runSql(as('bob@example.com'), count)).toEqual([{ requester: 'bob@example.com', n: '1' }]);
    const cost = 'SELECT DISTINCT requester FROM system.ai_gateway.usage_cost';
    expect(await runSql(as('bob@example.com'), cost)).toEqual([{ requester: 'bob@example.com' }]);
    // What others sent must not show in an error message either.
    const spy = "SELECT * FROM system.ai_gateway.usage WHERE CAST(concat('x', user_agent, requester) AS INT) = 1";
    await expect(runSql(as('bob@example.com'), spy)).rejects.toThrow(/bob@example\.com/);
    await expect(runSql(as('bob@example.com'), spy)).rejects.not.toThrow(/ada@example\.com/);
    await runSql(gateway, 'GRANT SELECT ON TABLE system.ai_gateway.usage TO `bob@example.com`');
    expect(await runSql(as('bob@example.com'), count)).toHaveLength(2);
    await runSql(gateway, 'REVOKE SELECT ON TABLE system.ai_gateway.usage FROM `bob@example.com`');
    expect(await runSql(as('bob@example.com'), count)).toHaveLength(1);
  });
});

describe('payloads', () => {
  it.each(eachDialect.map(([name]) => name))('%s: bodies are kept, a stream with its final message', async (name) => {
    for (const stream of [false, true]) {
      const text = `mail me at ada@example.org, please (${name} ${stream})`;
      const { body, result } = await ask(name, { user: 'ada@example.com', model: 'main.test.kept', text, stream });
      const rows = await pollSql(
        gateway,
        `SELECT p.*, u.is_final FROM main.default.kept_payload p
         JOIN system.ai_gateway.usage u USING (request_id, invocation_id)
         WHERE p.request LIKE '%(${name} ${stream})%'`,
        (all) => all.length > 0,
      );
      expect(rows).toHaveLength(1);
      const row = rows[0]!;
      expect(row['request']).toBe(body.replace('ada@example.org', '[email]'));
      expect(row['response']).toBe(result.text);
      expect(row).toMatchObject({
        status_code: '200',
        requester: 'ada@example.com',
        is_final: 'true',
      });
      if (stream) expect(row['final_message']).toContain('Hello from the ucode demo model.');
      else expect(row['final_message']).toBeNull();
    }
  });

  it('are not kept for a service without the setting, and are closed to others', async () => {
    const tables = await runSql(gateway, 'SHOW TABLES IN main.default');
    expect(tables.map((row) => row['tableName'])).toEqual(['kept_payload']);
    await expect(runSql(as('bob@example.com'), 'SELECT * FROM main.default.kept_payload')).rejects.toThrow(
      /TABLE_OR_VIEW_NOT_FOUND|INSUFFICIENT_PERMISSIONS/,
    );
  });
});

describe('the processes', () => {
  it('a killed lake process is started again, and nothing is lost or doubled', async () => {
    const before = Number((await runSql(gateway, 'SELECT count(*) AS n FROM system.ai_gateway.usage'))[0]!['n']);
    let sent = 0;
    for (let round = 0; round < 5; round++) {
      const [child] = await waitFor('a lake process', async () => {
        const children = await childrenOf(gateway.pid, 'lake-process');
        return children.length > 0 && children;
      });
      process.kill(child!, 'SIGKILL');
      for (let n = 0; n < 5; n++, sent++) {
        await ask('openai-chat', { user: 'ada@example.com', model: 'main.test.other', text: 'again', stream: false });
      }
      await sleep(200 * round);
    }
    const total = `SELECT count(*) AS n, count(DISTINCT invocation_id) AS d FROM system.ai_gateway.usage`;
    const rows = await pollUntilAnswered(total, (row) => Number(row['n']) >= before + sent);
    expect(rows).toEqual({ n: String(before + sent), d: String(before + sent) });
    const metrics = (await call(`${gateway.url}/metrics`)).text;
    expect(Number(/^ucode_gateway_lake_restarts_total (\d+)/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(3);
    expect(metrics).toMatch(/^ucode_gateway_lake_rows_total\{spool="usage",outcome="loaded"\} [1-9]/m);
    expect(metrics).toMatch(/^ucode_gateway_spool_waiting_seconds\{spool="usage"\} [\d.]+$/m);
  });

  it('end with the gateway, on a stop and on a kill', () =>
    withScratchDirectory(async (directory) => {
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const other = await startedOn(path.join(directory, signal));
        await runSql(other, 'SELECT 1');
        const children = await childrenOf(other.pid, 'process');
        expect(children.length).toBeGreaterThanOrEqual(2);
        await other.stop(signal);
        await expect.poll(() => children.filter(isAlive), { timeout: 90_000 }).toEqual([]);
      }
    }));

  it('a graceful stop leaves every record in its table', () =>
    withScratchDirectory(async (directory) => {
      const data = path.join(directory, 'data');
      const first = await startedOn(data);
      const { token } = first;
      const body = JSON.stringify({ model: 'system.ai.gpt-5-5', messages: [{ role: 'user', content: 'hi' }] });
      await call(`${first.url}/ai-gateway/mlflow/v1/chat/completions`, { token, body });
      expect(await first.stop()).toBe(0);
      const { stdout, stderr, code } = await ucodeGateway([
        'sql',
        'SELECT requester, input_tokens FROM system.ai_gateway.usage',
        '--json',
        '--data',
        data,
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({ requester: 'admin', input_tokens: 1200 });
    }));
});

it(
  'tables keep themselves in shape: small files are put together, checkpoints written',
  { timeout: 600_000 },
  async () => {
    const lake = { commit_interval: '50ms', maintenance_interval: '500ms' };
    const busy = await startGateway({ config: JSON.stringify({ lake }) });
    try {
      const body = JSON.stringify({ model: 'system.ai.gpt-5-5', messages: [{ role: 'user', content: 'hi' }] });
      const log = path.join(busy.data, 'lake', 'system', 'ai_gateway', 'usage', '_delta_log');
      // How many requests share a commit depends on the machine: enough are made for a checkpoint.
      let requests = 0;
      while (requests < 2_000 && !(await readdir(log).catch(() => [''])).includes('_last_checkpoint')) {
        await call(`${busy.url}/ai-gateway/mlflow/v1/chat/completions`, { token: busy.token, body });
        requests++;
        await sleep(60);
      }
      const history = await pollSql(busy, 'DESCRIBE HISTORY system.ai_gateway.usage', (rows) =>
        rows.some((row) => row['operation'] === 'OPTIMIZE'),
      );
      expect(new Set(history.map((row) => row['operation']))).toEqual(new Set(['CREATE TABLE', 'WRITE', 'OPTIMIZE']));
      const detail = 'DESCRIBE DETAIL system.ai_gateway.usage';
      const [few] = await pollSql(busy, detail, (rows) => Number(rows[0]!['numFiles']) < 60);
      expect(Number(few!['numFiles'])).toBeLessThan(60);
      const count = 'SELECT count(*) AS n FROM system.ai_gateway.usage';
      expect(await pollSql(busy, count, (rows) => rows[0]!['n'] === String(requests))).toEqual([
        { n: String(requests) },
      ]);
      expect(await readdir(log)).toContain('_last_checkpoint');
    } finally {
      await busy.stop();
    }
  },
);

describe('hostile names', () => {
  it('are tables like others, inside the folder of the lake', async () => {
    const names = ['it`s "odd"', 'grün ☘', '..', 'a/b', 'x'.repeat(300)];
    const outcomes: string[] = [];
    for (const name of names) {
      const quoted = `main.default.\`${name.replaceAll('`', '``')}\``;
      try {
        await runSql(gateway, `CREATE TABLE ${quoted} (a INT)`);
        outcomes.push('made');
        expect(await runSql(gateway, `SELECT count(*) AS n FROM ${quoted}`)).toEqual([{ n: '0' }]);
        await runSql(gateway, `DROP TABLE ${quoted}`);
      } catch (error) {
        outcomes.push(/name/i.test(String(error)) ? 'refused' : String(error));
      }
    }
    expect(outcomes).toEqual(['made', 'made', 'refused', 'refused', 'refused']);
    expect((await readdir(path.join(gateway.data, '..'))).toSorted()).toEqual(['data', 'gateway.yaml']);
  });
});

it('a corrupt end of a spool and a corrupt _last_checkpoint are survived', () =>
  withScratchDirectory(async (directory) => {
    const data = path.join(directory, 'data');
    const first = await startedOn(data);
    const { token } = first;
    const body = JSON.stringify({ model: 'system.ai.gpt-5-5', messages: [{ role: 'user', content: 'hi' }] });
    await call(`${first.url}/ai-gateway/mlflow/v1/chat/completions`, { token, body });
    await pollSql(first, 'SELECT 1 FROM system.ai_gateway.usage', (rows) => rows.length > 0);
    await first.stop('SIGKILL');
    const [segment] = (await readdir(path.join(data, 'spool'))).filter((name) => name.endsWith('.log'));
    const file = path.join(data, 'spool', segment!);
    await writeFile(file, Buffer.concat([await readFile(file), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5])]));
    await writeFile(
      path.join(data, 'lake', 'system', 'ai_gateway', 'usage', '_delta_log', '_last_checkpoint'),
      '{"ver',
    );
    const second = await startGateway({ data, token });
    try {
      const rows = await pollSql(
        second,
        'SELECT count(*) AS n FROM system.ai_gateway.usage',
        (all) => all[0]?.['n'] === '1',
      );
      expect(rows).toEqual([{ n: '1' }]);
      expect(second.output()).toContain('an unfinished record at the end of the spool was cut off');
    } finally {
      await second.stop();
    }
  }));

/** A gateway on a new data directory that outlives it, with the token of its first start. */
async function startedOn(data: string): Promise<Gateway> {
  const started = await startGateway({ data });
  const token = await waitFor('the first token', () => /ucg_[\w-]+/.exec(started.output())?.[0]);
  return { ...started, token };
}

/** One row of a query, asked again while the lake is away. */
async function pollUntilAnswered(sql: string, wanted: (row: Record<string, string | null>) => boolean) {
  let last: Record<string, string | null> | undefined;
  await expect
    .poll(
      async () => {
        last = (await runSql(gateway, sql).catch(() => []))[0];
        return last !== undefined && wanted(last);
      },
      { timeout: 90_000 },
    )
    .toBe(true);
  return last;
}
