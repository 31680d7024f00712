// `ucode usage` of somebody without admin rights: what was used, by every agent, and what limits and budgets leave.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { demoServices, budget, rateLimit } from '../e2e/support/governed-config.ts';
import { call } from '../e2e/support/http-call.ts';
import { tokenFor } from '../e2e/support/token-for.ts';
import { waitFor } from '../e2e/support/wait-for.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, type Laptop } from '../support/laptop.ts';

const AGENTS = {
  codex: 'ucode/0.1.0 codex/0.169.0',
  claude: 'claude-cli/2.1.197 (external, cli)',
  copilot: 'ucode/0.1.0 copilot/1.0.102',
  pi: 'ucode/0.1.0 pi/0.74.2',
  cursor: 'Cursor/1.0',
};
const MODEL = 'system.ai.gpt-5-5';

let gateway: Gateway;
let token: string;
let laptop: Laptop;
beforeAll(async () => {
  const config = {
    users: [{ name: 'root', groups: ['admins'] }, { name: 'ada' }],
    prices: { models: { 'demo-*': { input: '5', output: '25' } } },
    budgets: [budget('100', { display_name: 'Developers' })],
    ...demoServices([rateLimit('USER_DEFAULT', { requests: 600 })]),
  };
  gateway = await startGateway({ config: JSON.stringify(config) });
  token = await tokenFor(gateway, 'ada');
  for (const agent of Object.values(AGENTS)) await ask(agent, token);
  await ask(AGENTS.codex, gateway.token);
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  laptop = openLaptop();
  await laptop.signIn({ url: gateway.url, token });
});
afterEach(() => laptop.close());

async function ask(userAgent: string, as: string): Promise<void> {
  const { status, text } = await call(`${gateway.url}/ai-gateway/mlflow/v1/chat/completions`, {
    method: 'POST',
    token: as,
    headers: { 'content-type': 'application/json', 'user-agent': userAgent },
    body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'hello' }] }),
  });
  expect(status, text).toBe(200);
}

/** What `usage --json` says when all requests of the test are there. */
async function wholeUsage(...args: readonly string[]): Promise<any> {
  return waitFor('every request', async () => {
    const { code, stdout, stderr } = await laptop.ucode(['usage', '--json', ...args]);
    expect(code, stderr).toBe(0);
    const answer = JSON.parse(stdout);
    return answer.usage.at(-1).total.requests >= Object.keys(AGENTS).length && answer;
  });
}

it('counts every agent, of the caller alone, with cost, limits and budgets', async () => {
  const answer = await wholeUsage();
  expect(answer).toMatchObject({ workspace: gateway.url, user: 'ada', costs: 'counted' });
  expect(answer.usage.map(({ span }: { span: string }) => span)).toEqual(['today', '7 days', '30 days']);
  const { by, total } = answer.usage.at(-1);
  expect(by.map((line: { agent: string }) => line.agent).toSorted()).toEqual(Object.keys(AGENTS).toSorted());
  for (const line of by) expect(line).toMatchObject({ requests: 1, unpriced: 0 });
  expect(total.requests).toBe(5);
  expect(Number(total.cost)).toBeGreaterThan(0);
  expect(answer.budgets).toEqual([
    expect.objectContaining({ name: 'Developers', period: 'month', perUser: false, threshold: '100', blocks: true }),
  ]);
  expect(answer.budgets[0].resetsAt).toMatch(/^\d{4}-\d{2}-01T00:00:00/);
  const limit = answer.rateLimits.find(({ service }: { service: string }) => service === MODEL);
  expect(limit).toMatchObject({ scope: 'user', key: 'requests', window: 'hour', limit: 600, used: 5, remaining: 595 });
  expect(limit.resetsAt).toMatch(/^\d{4}-\d{2}-\d{2}T/);
});

it('tells people the same', async () => {
  await wholeUsage();
  const { code, stdout, stderr } = await laptop.ucode(['usage']);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(new RegExp(`^ada at ${gateway.url}\n`));
  for (const agent of Object.keys(AGENTS)) expect(stdout).toMatch(new RegExp(`^${agent}\t.*\t1\t`, 'm'));
  expect(stdout).toMatch(/^system\.ai\.gpt-5-5\tyou\t595\t600 requests\/h\t\d\d:\d\d:\d\d$/m);
  expect(stdout).toContain('Developers (shared, a month)');
  expect(stdout).toMatch(/of \$100\.00 used\n\$\d+\.\d+ left, resets \d{4}-\d\d-01 00:00:00 UTC/);
  expect(stderr).toBe('');
});

it('is put together as asked, as CSV too', async () => {
  const { usage } = await wholeUsage('--since', '12h', '--by', 'day,agent');
  expect(usage).toHaveLength(1);
  expect(usage[0].span).toBe('since 12h');
  const { code, stdout } = await laptop.ucode(['usage', '--csv', '--by', 'agent']);
  expect(code).toBe(0);
  const [header, ...rows] = stdout.trimEnd().split('\n');
  expect(header).toBe('agent,requests,input,cached,output,cost');
  expect(rows.map((row) => row.split(',')[0]).toSorted()).toEqual(Object.keys(AGENTS).toSorted());
  for (const row of rows) expect(row).toMatch(/^[a-z]+,1,\d+,\d+,\d+,\d+(\.\d+)?$/);
});

it.each([
  [['--by', 'colour'], "'colour' is none of agent, model, day"],
  [['--since', 'yesterday'], '--since yesterday is neither'],
  [['--since', '2999-01-01'], '--since 2999-01-01 is neither'],
  [['--json', '--csv'], 'not both'],
  [['--nonsense'], 'unknown option'],
])('usage %j is refused', async (args, sentence) => {
  const { code, stdout, stderr } = await laptop.ucode(['usage', ...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(sentence);
  expect(stdout).toBe('');
});

describe('at a workspace that has neither our columns nor our spend', () => {
  let other: http.Server;
  let url: string;
  beforeAll(async () => {
    other = http.createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });
  afterAll(() => void other.close());

  /** The gateway behind it, but for what a Databricks workspace does not know. */
  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const [status, text] = await answerTo(request, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  }

  async function answerTo({ method, url: path = '', headers }: http.IncomingMessage, body: string) {
    if (path.startsWith('/api/ai-gateway/v2/spend')) return [404, '{"error_code":"ENDPOINT_NOT_FOUND"}'] as const;
    if (path.endsWith(':recommendModel')) return [200, '{"current_spend":"3","effective_threshold":"10"}'] as const;
    if (/session_metadata|cost_usd/.test(body)) {
      const message = '[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column `session_metadata` cannot be resolved.';
      const error = { error_code: 'BAD_REQUEST', message };
      return [200, JSON.stringify({ statement_id: 'one', status: { state: 'FAILED', error } })] as const;
    }
    if (path.includes('external-provider-models')) {
      const pricing = { input_per_million_tokens: 5, output_per_million_tokens: '25' };
      return [
        200,
        JSON.stringify({ models: [{ model_name: 'us.demo-gpt-5-5-v1:0', base_pricing: pricing }] }),
      ] as const;
    }
    const passed = await call(gateway.url + path, {
      method: method ?? 'GET',
      headers: { authorization: headers.authorization ?? '', 'content-type': 'application/json' },
      ...(body === '' ? {} : { body }),
    });
    return [passed.status, passed.text] as const;
  }

  it('knows agents by their user agents, and costs by list prices, and says so', async () => {
    const counted = await wholeUsage();
    await laptop.signIn({ url, token });
    const estimated = await wholeUsage();
    expect(estimated).toMatchObject({ workspace: url, user: 'ada', costs: 'estimated', rateLimits: [] });
    const agents = (usage: any) => usage.usage.at(-1).by.map(({ agent }: { agent: string }) => agent);
    expect(agents(estimated).toSorted()).toEqual(agents(counted).toSorted());
    expect(Number(estimated.usage.at(-1).total.cost)).toBeCloseTo(Number(counted.usage.at(-1).total.cost), 9);
    expect(estimated.budgets).toEqual([expect.objectContaining({ spent: '3', threshold: '10', remaining: '7' })]);
    const { stdout, stderr } = await laptop.ucode(['usage']);
    expect(stdout).toContain('30 %: $3.00 of $10.00 used');
    expect(stderr).toContain("tokens times the workspace's list prices");
  });
});
