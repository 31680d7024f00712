import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eachDialect } from './support/dialect-cases.ts';
import {
  scriptedModel,
  scriptedProviders,
  startScriptedGateway,
  type ScriptedGateway,
} from './support/scripted-gateway.ts';
import { startScriptedUpstream, type Script, type ScriptedUpstream } from './support/scripted-upstream.ts';
import { answers, saysNothing, speaks, streams, streamsThen } from './support/scripts.ts';
import { waitFor } from './support/wait-for.ts';

const chat = eachDialect.find(([name]) => name === 'openai-chat')![1];
let lab: ScriptedGateway;
let second: ScriptedUpstream;
beforeAll(async () => {
  second = await startScriptedUpstream();
  lab = await startScriptedGateway(() => ({
    providers: [
      ...scriptedProviders(second.url).map((provider) => ({ ...provider, name: `${provider.name}-2` })),
      { name: 'nowhere', block: 'custom' as const, options: { base_url: 'http://127.0.0.1:9/v1' } },
    ],
    services: [
      {
        name: 'ordered',
        destinations: [{ provider: 'openai', model: 'first' }],
        fallbacks: [
          { provider: 'nowhere', model: 'unreachable' },
          { provider: 'openai-2', model: 'second' },
        ],
      },
      {
        name: 'split',
        destinations: [
          { provider: 'openai', model: 'first', percentage: 80 },
          { provider: 'openai-2', model: 'second', percentage: 20 },
        ],
      },
      {
        name: 'impatient',
        destinations: [{ provider: 'openai', model: 'first' }],
        fallbacks: [{ provider: 'openai-2', model: 'second' }],
        firstTokenTimeout: '2s',
      },
      { name: 'dead', destinations: [{ provider: 'nowhere', model: 'unreachable' }] },
    ],
  }));
});
afterAll(async () => {
  await lab?.stop();
  await second?.close();
});
beforeEach(() => second.play(speaks(chat, false)));

const failing =
  (status: number, times: number, headers: Record<string, string> = {}): Script =>
  (received, response, number) =>
    number <= times
      ? answers(status, '{"error":{"message":"not now","type":"x","code":"x"}}', headers)(received, response, number)
      : speaks(chat, JSON.parse(received.body.toString()).stream)(received, response, number);

const ask = (service: string, stream = false): { path: string; body: string } =>
  chat.ask({ model: `main.test.${service}`, text: 'hi', stream });
const attemptsOf = async (): Promise<unknown[]> => {
  const record = (await lab.newUsage()).find((entry) => entry.is_final);
  return record!.routing_information.attempts;
};

describe('retry', () => {
  it.each([429, 500, 503, 529])('tries again after %s', async (status) => {
    lab.upstream.play(failing(status, 1));
    const { path, body } = ask('scripted');
    const result = await lab.call(path, { body });
    expect(result.status, result.text).toBe(200);
    expect(result.text).toBe(chat.answer);
    expect(lab.upstream.requests.map((request) => request.body.toString())).toEqual([
      lab.upstream.requests[0]!.body.toString(),
      lab.upstream.requests[0]!.body.toString(),
    ]);
    expect(await attemptsOf()).toMatchObject([
      { action: 'INITIAL_ATTEMPT', status_code: status },
      { action: 'RETRY', status_code: 200, error_code: null },
    ]);
  });

  it('waits as long as retry-after says', async () => {
    const times: number[] = [];
    lab.upstream.play((received, response, number) => {
      times.push(performance.now());
      return failing(429, 1, { 'retry-after': '1' })(received, response, number);
    });
    const { path, body } = ask('scripted');
    expect((await lab.call(path, { body })).status).toBe(200);
    expect(times[1]! - times[0]!).toBeGreaterThan(990);
    await lab.newUsage();
  });

  it('does not wait for a long retry-after: the provider’s 429 passes with its header', async () => {
    lab.upstream.play(failing(429, 9, { 'retry-after': '3600', 'x-should-retry': 'false' }));
    const { path, body } = ask('scripted');
    const result = await lab.call(path, { body });
    expect(result.status).toBe(429);
    expect(result.headers).toMatchObject({ 'retry-after': '3600', 'x-should-retry': 'false' });
    expect(result.text).toBe('{"error":{"message":"not now","type":"x","code":"x"}}');
    expect(lab.upstream.requests).toHaveLength(1);
    expect(await lab.newUsage()).toMatchObject([{ status_code: 429, error_code: 'provider_error' }]);
  });

  it('is bounded, and the last error passes unchanged', async () => {
    lab.upstream.play(failing(500, 99));
    const { path, body } = ask('scripted');
    const result = await lab.call(path, { body });
    expect(result.status).toBe(500);
    expect(result.json().error.message).toBe('not now');
    expect(lab.upstream.requests).toHaveLength(2);
    await lab.newUsage();
  });

  it.each([400, 401, 403, 404, 413, 422])('does not repeat a request that got %s', async (status) => {
    lab.upstream.play(failing(status, 99));
    const { path, body } = ask('ordered');
    expect((await lab.call(path, { body })).status).toBe(status);
    expect(lab.upstream.requests).toHaveLength(1);
    expect(second.requests).toHaveLength(0);
    await lab.newUsage();
  });

  it('tries a refused connection again and then says so in the caller’s dialect', async () => {
    const { path, body } = ask('dead');
    const result = await lab.call(path, { body });
    expect(result.status).toBe(502);
    expect(chat.error(result).message).not.toMatch(/127\.0\.0\.1|:9\b/);
    const record = (await lab.newUsage()).find((entry) => entry.is_final)!;
    expect(record).toMatchObject({ status_code: 502, error_code: 'provider_unreachable' });
    expect(record.routing_information.attempts).toHaveLength(2);
  });

  it('does not repeat once bytes have gone to the caller', async () => {
    lab.upstream.play(streamsThen(chat, 1, 'cut'));
    const { path, body } = ask('ordered', true);
    const result = await lab.call(path, { body });
    expect(result.text.startsWith(chat.events[0]!)).toBe(true);
    expect(result.text).toMatch(chat.streamError);
    expect(lab.upstream.requests).toHaveLength(1);
    expect(second.requests).toHaveLength(0);
    await lab.newUsage();
  });
});

describe('fallback', () => {
  it('goes through the destinations in order and records every attempt', async () => {
    lab.upstream.play(failing(529, 99));
    const { path, body } = ask('ordered');
    const result = await lab.call(path, { body });
    expect(result.status, result.text).toBe(200);
    expect(JSON.parse(second.requests[0]!.body.toString()).model).toBe('second');
    const records = await lab.newUsage();
    const final = records.find((record) => record.is_final)!;
    expect(final).toMatchObject({
      status_code: 200,
      destination_model: 'second',
      service_name: 'main.test.ordered',
      error_code: null,
    });
    const attempts = final.routing_information.attempts;
    expect(attempts.map((attempt) => attempt.action)).toEqual([
      'INITIAL_ATTEMPT',
      'RETRY',
      'FALLBACK',
      'RETRY',
      'FALLBACK',
    ]);
    expect(attempts.map((attempt) => attempt.error_code)).toEqual([
      'provider_error',
      'provider_error',
      'provider_unreachable',
      'provider_unreachable',
      null,
    ]);
    expect(attempts.at(0)!.status_code).toBe(529);
    expect(attempts.at(-1)!.status_code).toBe(200);
    expect(attempts.map((attempt) => attempt.priority)).toEqual(
      attempts.map((attempt) => attempt.priority).toSorted((a, b) => a - b),
    );
    expect(new Set(records.map((record) => record.request_id)).size).toBe(1);
    expect(records.filter((record) => record.is_final)).toHaveLength(1);
  });

  it('does not wait for a long retry-after when there is another destination', async () => {
    lab.upstream.play(failing(429, 99, { 'retry-after': '3600' }));
    const { path, body } = ask('ordered');
    expect((await lab.call(path, { body })).status).toBe(200);
    expect(lab.upstream.requests).toHaveLength(1);
    await lab.newUsage();
  });

  it('gives each destination the credentials of its own provider only', async () => {
    lab.upstream.play(failing(500, 99));
    const { path, body } = ask('ordered');
    await lab.call(path, { body });
    expect(second.requests[0]!.headers.authorization).toBe('Bearer provider-key-of-the-test');
    expect(JSON.stringify(second.requests[0]!.headers)).not.toContain(lab.gateway.token);
    await lab.newUsage();
  });
});

describe('first-token timeout', () => {
  beforeEach(() => second.play(speaks(chat, true)));

  it('moves on when the provider says nothing', async () => {
    lab.upstream.play(saysNothing);
    const { path, body } = ask('impatient', true);
    const result = await lab.call(path, { body });
    expect(result.text).toBe(chat.events.join(''));
    await waitFor('the provider to be let go', () => lab.upstream.requests[0]!.aborted);
    expect(await attemptsOf()).toMatchObject([
      { action: 'INITIAL_ATTEMPT', error_code: 'provider_timeout' },
      { action: 'FALLBACK', status_code: 200 },
    ]);
  });

  it('moves on when the provider sends only its greeting, and none of it reaches the caller', async () => {
    lab.upstream.play(streams([': open\n\n']));
    const only: Script = (_received, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': open\n\n');
    };
    lab.upstream.play(only);
    const { path, body } = ask('impatient', true);
    const result = await lab.call(path, { body });
    expect(result.text).toBe(chat.events.join(''));
    await lab.newUsage();
  });

  it('does not count for a whole answer', async () => {
    second.play(speaks(chat, false));
    lab.upstream.play(
      (received, response, number) => void setTimeout(() => speaks(chat, false)(received, response, number), 3_000),
    );
    const { path, body } = ask('impatient');
    expect((await lab.call(path, { body })).text).toBe(chat.answer);
    expect(second.requests).toHaveLength(0);
    await lab.newUsage();
  });
});

describe('traffic split', () => {
  it('follows the percentages', async () => {
    lab.upstream.play(speaks(chat, false));
    const { path, body } = ask('split');
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 10 }, () => lab.call(path, { body })));
    }
    // 200 draws at 80 %: 160 ± 5.7; these bounds are seven standard deviations away.
    expect(lab.upstream.requests.length + second.requests.length).toBe(200);
    expect(lab.upstream.requests.length).toBeGreaterThan(120);
    expect(second.requests.length).toBeGreaterThan(5);
    await lab.newUsage(200);
  });
});

describe('names', () => {
  it('calls a provider service directly with the header, with the provider’s own model id', async () => {
    lab.upstream.play(speaks(chat, false));
    const { path, body } = chat.ask({ model: 'any-model/at-all', text: 'hi', stream: false });
    const result = await lab.call(path, { body, headers: { 'databricks-model-provider-service': 'main.test.openai' } });
    expect(result.status, result.text).toBe(200);
    expect(lab.upstream.requests[0]!.body.toString()).toBe(body);
    expect(await lab.newUsage()).toMatchObject([{ service_type: 'MODEL_PROVIDER_SERVICE' }]);
  });

  it.each([
    ['main.test.absent', 404, 'does not exist'],
    ['nonsense', 400, 'Invalid name'],
  ])('refuses the provider service %s', async (name, status, message) => {
    const { path, body } = ask('scripted');
    const result = await lab.call(path, { body, headers: { 'databricks-model-provider-service': name } });
    expect(result.status).toBe(status);
    expect(chat.error(result).message).toContain(message);
  });

  it.each(eachDialect)('%s: an unknown model is a 404 in the dialect', async (_name, dialect) => {
    const { path, body } = dialect.ask({ model: 'main.test.absent', text: 'hi', stream: true });
    const result = await lab.call(path, { body });
    expect(result.status).toBe(404);
    expect(dialect.error(result).message).toContain('main.test.absent');
  });

  it.each(eachDialect)('%s: a destination that does not speak it is a clear 400', async (name, dialect) => {
    const other = name === 'gemini' ? scriptedModel('custom') : scriptedModel('gemini');
    const { path, body } = dialect.ask({ model: other, text: 'hi', stream: true });
    const result = await lab.call(path, { body });
    expect(result.status).toBe(400);
    expect(dialect.error(result).message).toContain(name);
  });
});
