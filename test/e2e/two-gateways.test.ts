import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { budget, demoModels, demoServices, rateLimit } from './support/governed-config.ts';
import { call, type CallResult } from './support/http-call.ts';
import { tokenFor } from './support/token-for.ts';
import { waitFor } from './support/wait-for.ts';

const CHAT = '/ai-gateway/mlflow/v1/chat/completions';
const model = `system.ai.${demoModels.gpt}`;

/** Of a service that is made by API. */
const routing = {
  destinations: [
    {
      name: 'd',
      external_model_config: {
        model_provider_service: 'model-provider-services/main.default.demo',
        target: { model: 'demo-gpt-5-5' },
      },
    },
  ],
};

let postgres: Postgres;
let redis: RedisServer;
const running: Gateway[] = [];
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
}, 600_000);
afterEach(async () => {
  // The second one's data lie among the first one's: it goes first.
  for (const gateway of running.splice(0).toReversed()) await gateway.stop();
});
afterAll(async () => {
  await postgres?.stop();
  await redis?.stop();
});

/** Redis, waited for as long as a loaded machine needs. */
const redisLimits = () => ({ redis: { url: redis.url }, timeout: '20s' });

/** Two gateways on one database and one Redis; `token` is the admin's, good for both. */
async function pair(more: Readonly<Record<string, unknown>>, limits: readonly object[] = []) {
  const database = await postgres.createDatabase();
  await redis.cli('flushall');
  const config = JSON.stringify({
    users: [{ name: 'root', groups: ['admins'] }],
    state: { url: database, stale_limit: '30s' },
    encryption: { key: Buffer.alloc(32, 7).toString('base64') },
    ...demoServices(limits),
    limits: redisLimits(),
    ...more,
  });
  const first = await startGateway({ config });
  running.push(first);
  const second = await startGateway({ config, env: {}, token: first.token, data: `${first.data}-of-the-other` });
  running.push(second);
  return { first, second, token: first.token };
}

function ask(gateway: Gateway, token: string): Promise<CallResult> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] });
  return call(gateway.url + CHAT, { token, body });
}

function rest(gateway: Gateway, token: string, method: string, path: string, body: object = {}) {
  return call(gateway.url + path, { method, token, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) });
}

const admitted = (results: readonly CallResult[]): number => results.filter(({ status }) => status === 200).length;

describe('limits and budgets', () => {
  it('one limit of 40 lets exactly 40 of 100 requests through, half of them sent to each', async () => {
    const { first, second, token } = await pair({}, [rateLimit('SERVICE', { requests: 40 })]);
    const all = await Promise.all(Array.from({ length: 100 }, (_, at) => ask(at % 2 === 0 ? first : second, token)));
    expect(admitted(all)).toBe(40);
    expect(all.filter(({ status }) => status === 429)).toHaveLength(60);
  });

  it('one budget: what was spent through one stops the other', async () => {
    // A thousandth of a dollar is less than one answer of the demo costs.
    const { first, second, token } = await pair({ budgets: [budget('0.001')] });
    expect((await ask(first, token)).status).toBe(200);
    const refused = await waitFor('the refusal', async () => {
      const answer = await ask(second, token);
      return answer.status !== 200 && answer;
    });
    expect(refused.text).toContain('budget');
  });

  it.each([
    ['closed', 503],
    ['open', 200],
  ])('Redis away, %s: %d; and it counts again once Redis is back', async (policy, status) => {
    const limits = { ...redisLimits(), when_unavailable: policy };
    const { first, token } = await pair({ limits }, [rateLimit('SERVICE', { requests: 1 })]);
    expect((await ask(first, token)).status).toBe(200);
    await redis.stop();
    const answer = await waitFor('the answer without Redis', async () => {
      const found = await ask(first, token);
      return found.status === status && found;
    });
    if (policy === 'closed') expect(answer.json().error.code).toBe('gateway_counters_unavailable');
    await redis.restart();
    await waitFor('counting again', async () => (await ask(first, token)).status === 429);
  });
});

describe('what is changed through one reaches the other', () => {
  it('a token that is revoked', async () => {
    const { first, second, token } = await pair({});
    const made = (await rest(first, token, 'POST', '/api/2.0/token/create', { comment: 'short' })).json();
    expect((await ask(second, made.token_value)).status).toBe(200);
    const { token_id: id } = made.token_info;
    expect((await rest(first, token, 'POST', '/api/2.0/token/delete', { token_id: id })).status).toBe(200);
    await waitFor('the refusal', async () => (await ask(second, made.token_value)).status === 401);
  });

  it('a user who is made, granted something, and deactivated', async () => {
    const { first, second, token } = await pair({});
    const users = '/api/2.0/preview/scim/v2/Users';
    const eve = (await rest(first, token, 'POST', users, { userName: 'eve@example.com' })).json();
    await waitFor('her', async () => (await rest(second, token, 'GET', `${users}/${eve.id}`)).status === 200);
    const hers = await tokenFor(second, 'eve@example.com');
    const grants = '/api/2.1/unity-catalog/permissions/model_service/main.default.hers';
    const services = '/api/2.1/unity-catalog/model-services?parent=schemas/main.default&model_service_id=hers';
    const made = await rest(first, token, 'POST', services, { config: { routing } });
    expect(made.status, made.text).toBe(200);
    const body = JSON.stringify({ model: 'main.default.hers', messages: [{ role: 'user', content: 'hi' }] });
    const her = async (gateway: Gateway) => (await call(gateway.url + CHAT, { token: hers, body })).status;
    expect(await her(first)).toBe(404);

    const granted = await rest(first, token, 'PATCH', grants, {
      changes: [{ principal: 'eve@example.com', add: ['EXECUTE'] }],
    });
    expect(granted.status, granted.text).toBe(200);
    await waitFor('the grant in the other', async () => (await her(second)) === 200);

    const patch = { Operations: [{ op: 'replace', path: 'active', value: false }] };
    expect((await rest(second, token, 'PATCH', `${users}/${eve.id}`, patch)).status).toBe(200);
    expect(await her(second)).toBe(401);
    await waitFor('her end in the other', async () => (await her(first)) === 401);

    // Somebody else of her name gets nothing of hers.
    expect((await rest(first, token, 'DELETE', `${users}/${eve.id}`)).status).toBeLessThan(300);
    const namesake = await rest(first, token, 'POST', users, { userName: 'eve@example.com' });
    expect(namesake.status, namesake.text).toBe(201);
    const other = await tokenFor(second, 'eve@example.com');
    for (const gateway of [first, second]) {
      await waitFor(
        'the end of her grants',
        async () => (await call(gateway.url + CHAT, { token: other, body })).status === 404,
      );
    }
  });

  it('a service that is made and taken away', async () => {
    const { first, second, token } = await pair({});
    const services = '/api/2.1/unity-catalog/model-services';
    const made = await rest(first, token, 'POST', `${services}?parent=schemas/main.default&model_service_id=shared`, {
      config: { routing },
    });
    expect(made.status, made.text).toBe(200);
    const body = JSON.stringify({ model: 'main.default.shared', messages: [{ role: 'user', content: 'hi' }] });
    const shared = () => call(second.url + CHAT, { token, body });
    await waitFor('the service', async () => (await shared()).status === 200);
    expect((await rest(first, token, 'DELETE', `${services}/main.default.shared`)).status).toBe(200);
    await waitFor('its end', async () => (await shared()).status === 404);
  });
});

it('without its database a gateway serves whom it knows for a while, then nobody, and recovers by itself', async () => {
  const { first, token } = await pair({ state: { url: await postgres.createDatabase(), stale_limit: '15s' } });
  expect((await ask(first, token)).status).toBe(200);
  await postgres.crash();
  expect((await ask(first, token)).status).toBe(200);
  const refused = await waitFor('the refusal', async () => {
    const answer = await ask(first, token);
    return answer.status === 503 && answer;
  });
  expect(refused.json().error.code).toBe('gateway_state_unavailable');
  await postgres.start();
  await waitFor('the recovery', async () => (await ask(first, token)).status === 200);
});
