import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { eachDialect } from './support/dialect-cases.ts';
import { demoModels, demoServices, MINUTE, rateLimit } from './support/governed-config.ts';
import { call, type CallResult } from './support/http-call.ts';
import { tokenFor } from './support/token-for.ts';

let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

const users = [
  { name: 'root', groups: ['admins'] },
  { name: 'ada', groups: ['red', 'blue'] },
  { name: 'bob', groups: ['red'] },
];

async function start(...limits: readonly object[]): Promise<Gateway> {
  gateway = await startGateway({ config: JSON.stringify({ users, ...demoServices(limits) }) });
  return gateway;
}

const modelOf: Readonly<Record<string, string>> = {
  'openai-chat': demoModels.gpt,
  'openai-responses': demoModels.gpt,
  'anthropic-messages': demoModels.claude,
  gemini: demoModels.gemini,
};

function ask(token: string, dialect = 'openai-chat', headers: Readonly<Record<string, string>> = {}) {
  const found = eachDialect.find(([name]) => name === dialect)?.[1];
  if (!found || !gateway) throw new Error(`No dialect ${dialect}`);
  const { path, body } = found.ask({ model: `system.ai.${modelOf[dialect]}`, text: 'hi', stream: false });
  return call(gateway.url + path, { token, body, headers });
}

async function statuses(count: number, work: (index: number) => Promise<CallResult>): Promise<number[]> {
  const results = await Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  return results.map(({ status }) => status).toSorted((left, right) => left - right);
}

const admitted = (all: readonly number[]): number => all.filter((status) => status === 200).length;

describe('scopes and precedence', () => {
  it('a burst of 120 requests on a limit of 50 lets exactly 50 through', async () => {
    const { token } = await start(rateLimit('SERVICE', { requests: 50 }));
    const all = await statuses(120, () => ask(token));
    expect([admitted(all), all.filter((status) => status === 429).length]).toEqual([50, 70]);
  });

  it('the default holds for each user apart; the limit of one user goes before it', async () => {
    const running = await start(
      rateLimit('USER_DEFAULT', { requests: 2 }),
      rateLimit('USER', { principal: 'ada', requests: 4 }),
    );
    const [ada, bob] = [await tokenFor(running, 'ada'), await tokenFor(running, 'bob')];
    expect(admitted(await statuses(8, () => ask(ada)))).toBe(4);
    expect(admitted(await statuses(8, () => ask(bob)))).toBe(2);
  });

  it('a group shares its limit; a member of two is refused once both are used up', async () => {
    const running = await start(
      rateLimit('USER_GROUP', { principal: 'red', requests: 3 }),
      rateLimit('USER_GROUP', { principal: 'blue', requests: 5 }),
    );
    const [ada, bob] = [await tokenFor(running, 'ada'), await tokenFor(running, 'bob')];
    expect(admitted(await statuses(6, () => ask(bob)))).toBe(3);
    expect(admitted(await statuses(9, () => ask(ada)))).toBe(5);
  });

  it('the limit of the service holds whatever the others say', async () => {
    const running = await start(
      rateLimit('SERVICE', { requests: 3 }),
      rateLimit('USER', { principal: 'ada', requests: 100 }),
    );
    const ada = await tokenFor(running, 'ada');
    expect(admitted(await statuses(9, () => ask(ada)))).toBe(3);
  });

  it('a tag has its own limit for each value, and one value may have another', async () => {
    const { token } = await start(
      rateLimit('REQUEST_TAG', { request_tag_key: 'team', requests: 1 }),
      rateLimit('REQUEST_TAG', { request_tag_key: 'team', request_tag_value: 'red', requests: 3 }),
    );
    const tagged = (team: string) => ({ 'databricks-ai-gateway-request-tags': JSON.stringify({ team }) });
    expect(admitted(await statuses(5, () => ask(token, 'openai-chat', tagged('red'))))).toBe(3);
    expect(admitted(await statuses(5, () => ask(token, 'openai-chat', tagged('blue'))))).toBe(1);
    expect(admitted(await statuses(5, () => ask(token)))).toBe(5);
  });

  it('0 denies, and is no wait', async () => {
    const running = await start(rateLimit('USER', { principal: 'bob', requests: 0 }));
    const refused = await ask(await tokenFor(running, 'bob'));
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.headers['retry-after']).toBeUndefined();
    expect((await ask(running.token)).status).toBe(200);
  });

  it('counting tokens is free, but not for who is denied', async () => {
    const running = await start(
      rateLimit('USER', { principal: 'ada', requests: 1 }),
      rateLimit('USER', { principal: 'bob', requests: 0 }),
    );
    const count = async (token: string) => {
      const body = JSON.stringify({
        model: `system.ai.${demoModels.claude}`,
        messages: [{ role: 'user', content: 'how much is this' }],
      });
      return (await call(`${running.url}/ai-gateway/anthropic/v1/messages/count_tokens`, { token, body })).status;
    };
    const ada = await tokenFor(running, 'ada');
    expect([await count(ada), await count(ada), await count(ada)]).toEqual([200, 200, 200]);
    expect((await ask(ada, 'anthropic-messages')).status).toBe(200);
    expect((await ask(ada, 'anthropic-messages')).status).toBe(429);
    expect(await count(ada)).toBe(200);
    expect(await count(await tokenFor(running, 'bob'))).toBeGreaterThanOrEqual(400);
  });

  it('tokens are counted as they were used: the request after the one that used them up is refused', async () => {
    // An answer of the demo takes 1,242 tokens, 1,000 of them from the cache.
    const { token } = await start(rateLimit('SERVICE', { tokens: 1_500 }));
    expect((await ask(token)).status).toBe(200);
    const all = await statuses(8, () => ask(token));
    expect(admitted(all)).toBeLessThan(8);
  });
});

describe('what the caller is told', () => {
  it.each(eachDialect)('%s: a refusal in its own shape, with the wait', async (name, dialect) => {
    const { token } = await start(rateLimit('USER_DEFAULT', { ...MINUTE, requests: 1 }));
    expect((await ask(token, name)).status).toBe(200);
    const refused = await ask(token, name);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(dialect.error(refused).message).toBe(
      `User defined rate limit(s) exceeded for 'system.ai.${modelOf[name]}'. Requests-per-minute (RPM) rate limit exceeded for user`,
    );
    if (name === 'gemini') expect(refused.text).toContain('google.rpc.RetryInfo');
  });

  it('by one call without admin rights: each limit, what is used of it, what remains and when it returns', async () => {
    const running = await start(
      rateLimit('USER_DEFAULT', { requests: 10, tokens: 100_000 }),
      rateLimit('REQUEST_TAG', { request_tag_key: 'job', requests: 4 }),
    );
    const ada = await tokenFor(running, 'ada');
    const tags = { 'databricks-ai-gateway-request-tags': '{"job":"nightly"}' };
    expect((await ask(ada, 'openai-chat', tags)).status).toBe(200);
    const told = await call(`${running.url}/api/ai-gateway/v2/spend`, { token: ada, headers: tags });
    const lines: readonly { name: string; used: number }[] = told.json().rate_limits;
    const called = lines.filter(({ name }) => name === `system.ai.${demoModels.gpt}`);
    const reset = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string;
    const one = { name: `system.ai.${demoModels.gpt}`, window: 'HOUR', resets_at: reset };
    const own = { ...one, scope: 'USER', scope_name: null };
    expect(called).toEqual([
      { ...one, scope: 'REQUEST_TAG', scope_name: 'job=nightly', key: 'requests', limit: 4, used: 1, remaining: 3 },
      { ...own, key: 'requests', limit: 10, used: 1, remaining: 9 },
      {
        ...own,
        key: 'tokens',
        limit: 100_000,
        used: expect.any(Number) as number,
        remaining: expect.any(Number) as number,
      },
    ]);
    // Those of the other services stand at 0.
    expect(lines.filter(({ used }) => used === 0)).toHaveLength(6);
    const bob = await call(`${running.url}/api/ai-gateway/v2/spend`, { token: await tokenFor(running, 'bob') });
    expect(bob.json().rate_limits.map(({ used }: { used: number }) => used)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('what is left, in the headers of each dialect', async () => {
    const { token } = await start(rateLimit('USER_DEFAULT', { requests: 10, tokens: 100_000 }));
    expect((await ask(token, 'openai-chat')).headers).toMatchObject({
      'x-ratelimit-limit-requests': '10',
      'x-ratelimit-remaining-requests': '9',
      'x-ratelimit-limit-tokens': '100000',
    });
    expect((await ask(token, 'anthropic-messages')).headers).toMatchObject({
      'anthropic-ratelimit-requests-limit': '10',
      'anthropic-ratelimit-requests-remaining': '9',
    });
  });
});

it('a limit made by API is in force at once', async () => {
  const running = await start();
  const base = `${running.url}/api/2.1/unity-catalog`;
  const external = {
    model_provider_service: 'model-provider-services/main.default.demo',
    target: { model: 'demo-gpt-5-5' },
  };
  const routing = { destinations: [{ name: 'd', external_model_config: external }] };
  const made = await call(`${base}/model-services?parent=schemas/main.default&model_service_id=limited`, {
    token: running.token,
    body: JSON.stringify({ config: { routing } }),
  });
  expect(made.status, made.text).toBe(200);
  const changed = await call(`${base}/model-services/main.default.limited?update_mask=config.rate_limits`, {
    method: 'PATCH',
    token: running.token,
    body: JSON.stringify({ config: { rate_limits: [rateLimit('SERVICE', { requests: 1 })] } }),
  });
  expect(changed.status, changed.text).toBe(200);
  const body = JSON.stringify({ model: 'main.default.limited', messages: [{ role: 'user', content: 'hi' }] });
  const path = `${running.url}/ai-gateway/mlflow/v1/chat/completions`;
  expect((await call(path, { token: running.token, body })).status).toBe(200);
  expect((await call(path, { token: running.token, body })).status).toBe(429);
});

it('counts outlive a restart', async () => {
  const config = JSON.stringify({ users, ...demoServices([rateLimit('SERVICE', { requests: 3 })]) });
  const data = mkdtempSync(path.join(tmpdir(), 'ucode-limits-'));
  try {
    gateway = await startGateway({ config, data });
    const token = /ucg_[\w-]+/.exec(gateway.output())?.[0] ?? '';
    expect(admitted(await statuses(2, () => ask(token)))).toBe(2);
    await gateway.stop();
    gateway = await startGateway({ config, data });
    expect(admitted(await statuses(4, () => ask(token)))).toBe(1);
  } finally {
    await gateway?.stop();
    gateway = undefined;
    rmSync(data, { recursive: true, force: true });
  }
});
