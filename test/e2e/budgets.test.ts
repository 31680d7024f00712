import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { sumMoney } from '../../packages/gateway/src/models/money.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { runSql } from '../support/statements.ts';
import { budget, demoModels, demoServices } from './support/governed-config.ts';
import { call } from './support/http-call.ts';
import { tokenFor } from './support/token-for.ts';
import { waitFor } from './support/wait-for.ts';

let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

const users = [{ name: 'root', groups: ['admins'] }, { name: 'ada', groups: ['red'] }, { name: 'bob' }];
/** An answer of the demo has 1,200 tokens in, 1,000 of them read from the cache, and 42 out: 200 × 5 + 1,000 × 0.5 + 42 × 25 millionths. */
const prices = { models: { 'demo-*': { input: '5', output: '25', cache_read: '0.5', cache_write_5m: '5' } } };
const CHAT = '/ai-gateway/mlflow/v1/chat/completions';
const body = JSON.stringify({ model: `system.ai.${demoModels.gpt}`, messages: [{ role: 'user', content: 'hi' }] });

function configOf(...budgets: readonly object[]): Record<string, unknown> {
  return { users, ...demoServices([]), prices, budgets };
}

const ask = (url: string, token: string) => call(url + CHAT, { token, body });

async function spendOf(running: Gateway, token: string): Promise<any> {
  return (await call(`${running.url}/api/ai-gateway/v2/spend`, { token })).json();
}

it('each user has a share of their own, which others do not touch', async () => {
  const perUser = budget('0.003');
  Object.assign(perUser.alert_configurations[0]!, { scope_type: 'ALERT_CONFIGURATION_SCOPE_TYPE_PER_USER' });
  gateway = await startGateway({ config: JSON.stringify(configOf(perUser)) });
  const { url } = gateway;
  const [ada, bob] = [await tokenFor(gateway, 'ada'), await tokenFor(gateway, 'bob')];
  const one = await waitFor('the refusal of ada', async () => {
    const answer = await ask(url, ada);
    return answer.status !== 200 && answer;
  });
  expect(one.status).toBe(400);
  expect(one.json().error).toMatchObject({ code: 'policy_budget_exhausted' });
  expect(one.json().error.message).toContain("The budget 'the budget of the test' is used up");
  expect((await ask(url, bob)).status).toBe(200);
  expect((await spendOf(gateway, ada)).budgets[0]).toMatchObject({ blocks_usage: true, remaining: '0' });
});

it('a burst passes the threshold by no more than the requests under way, and nothing stays reserved', async () => {
  gateway = await startGateway({ config: JSON.stringify(configOf(budget('0.05'))) });
  const { url, token } = gateway;
  const all = await Promise.all(Array.from({ length: 200 }, () => ask(url, token)));
  const served = all.filter(({ status }) => status === 200).length;
  // An answer costs about 0.0025 dollars; what is reserved for it is more.
  expect(served).toBeGreaterThanOrEqual(1);
  expect(served).toBeLessThanOrEqual(25);
  const records = (await gateway.usage()).filter(({ status_code }) => status_code === 200);
  const spent = sumMoney(records.map(({ cost_usd }) => cost_usd ?? '0'));
  await waitFor('the sum', async () => (await spendOf(gateway!, token)).budgets[0].spent === spent);
});

it('an alert is posted once, signed', async () => {
  const posts: { readonly request: IncomingMessage; readonly text: string }[] = [];
  const receiver = createServer((request, response) => {
    void readAll(request).then((text) => {
      posts.push({ request, text });
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void receiver.close());
  const secret = 'the-secret-of-the-webhook';
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/alerts`;
  const warned = budget('0.001');
  Object.assign(warned.alert_configurations[0]!, { action_configurations: [{ action_type: 'WEBHOOK', target: hook }] });
  const config = {
    ...configOf(warned),
    server: { allowed_private_networks: ['127.0.0.0/8'] },
    notifications: { webhooks: [{ url: hook, secret }] },
  };
  gateway = await startGateway({ config: JSON.stringify(config) });
  for (let count = 0; count < 3; count++) expect((await ask(gateway.url, gateway.token)).status).toBe(200);
  const { request, text } = await waitFor('the alert', () => posts[0]);
  const [, seconds = '', signature] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['x-ucode-signature'])) ?? [];
  expect(signature).toBe(createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex'));
  expect(text).toContain('the budget of the test');
  expect(posts).toHaveLength(1);
});

it(
  'killed at any moment, what was spent equals what the usage records say, to the last digit',
  { timeout: 300_000 },
  async () => {
    const data = mkdtempSync(path.join(tmpdir(), 'ucode-budget-'));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    const config = JSON.stringify(configOf(budget('1000')));
    let token = '';
    let served = 0;
    for (let life = 0; life < 6; life++) {
      const running = await startGateway({ config, data });
      token ||= /ucg_[\w-]+/.exec(running.output())?.[0] ?? '';
      let answered = 0;
      const calls = Array.from({ length: 20 }, () =>
        ask(running.url, token).then(
          ({ status }) => {
            answered++;
            return status;
          },
          () => 0,
        ),
      );
      // After none, and after more and more of them.
      await waitFor('some answers', () => answered >= life * 3);
      process.kill(running.pid, 'SIGKILL');
      served += (await Promise.all(calls)).filter((status) => status === 200).length;
      await running.stop('SIGKILL');
    }
    expect(served).toBeGreaterThan(15);
    gateway = await startGateway({ config, data });
    const reader = { url: gateway.url, token };
    const statement = 'SELECT COUNT(*) AS n, SUM(cost_usd) AS spent FROM system.ai_gateway.usage';
    await waitFor('the table and the sums to agree', async () => {
      const [row] = await runSql(reader, statement);
      const { spent } = (await spendOf(gateway!, token)).budgets[0];
      return Number(row?.['n']) >= served && sumMoney([spent]) === sumMoney([row?.['spent'] ?? '0']);
    });
  },
);
