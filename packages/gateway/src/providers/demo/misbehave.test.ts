import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedServer } from '../provider.ts';
import type { SeenRequest } from './request-log.ts';
import { startDemoServer } from './server.ts';

let server: EmbeddedServer;
beforeAll(async () => void (server = await startDemoServer()));
afterAll(() => server.close());
beforeEach(async () => void (await fetch(`${server.baseUrl}/__demo/requests`, { method: 'DELETE' })));

const DIALECTS = [
  ['chat', '/v1/chat/completions', { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }],
  ['responses', '/v1/responses', { model: 'm', stream: true, input: 'hi' }],
  ['messages', '/v1/messages', { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }],
  ['gemini', '/v1beta/models/m:streamGenerateContent?alt=sse', { contents: [{ parts: [{ text: 'hi' }] }] }],
] as const;

const TERMINAL = /\[DONE\]|response\.completed|message_stop|"finishReason":"STOP"/;

function ask(path: string, body: unknown, scenario: string, signal: AbortSignal | null = null): Promise<Response> {
  const headers = { 'x-demo-scenario': scenario };
  return fetch(server.baseUrl + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
    redirect: 'manual',
    signal,
  });
}

/** What arrived, and whether the end was a proper one. */
async function arrived(response: Response): Promise<{ text: string; isWhole: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    return { text, isWhole: true };
  } catch {
    return { text, isWhole: false };
  }
}

async function lastSeen(): Promise<SeenRequest> {
  for (;;) {
    const entries = (await (await fetch(`${server.baseUrl}/__demo/requests`)).json()) as SeenRequest[];
    const last = entries.at(-1);
    if (last?.finished) return last;
    await wait(5);
  }
}

describe.each(DIALECTS)('%s', (name, path, body) => {
  it('cuts in the middle of an event', async () => {
    const { text, isWhole } = await arrived(await ask(path, body, 'cut'));
    expect(isWhole).toBe(false);
    expect(text).not.toBe('');
    expect(text).not.toMatch(/\n\r?\n$/);
    expect(await lastSeen()).toMatchObject({ aborted: false, status: 200 });
  });

  it('ends early', async () => {
    const { text, isWhole } = await arrived(await ask(path, body, 'clean-cut'));
    expect(isWhole).toBe(true);
    expect(text).not.toMatch(TERMINAL);
    expect(text).toMatch(/\n\r?\n$/);
  });

  it('sends an event that is not JSON, and an error event', async () => {
    expect((await arrived(await ask(path, body, 'malformed'))).text).toContain('{"this is not": JSON');
    const { text, isWhole } = await arrived(await ask(path, body, 'sse-error'));
    expect(isWhole).toBe(true);
    expect(text).toContain('"error":{');
    expect(text).not.toMatch(TERMINAL);
  });

  it.each([400, 401, 403, 404, 429, 500, 503, 529])('answers %i so many times, then as usual', async (status) => {
    const scenario = `error:${status}:1:7 #${name}`;
    const first = await ask(path, body, scenario);
    expect([first.status, first.headers.get('retry-after')]).toEqual([status, '7']);
    expect(await first.json()).toHaveProperty('error.message');
    expect((await ask(path, body, scenario)).status).toBe(200);
  });

  it('sends the same bytes, byte by byte, gzipped, slowly and with a silence', async () => {
    const usual = await (await ask(path, body, '')).text();
    for (const scenario of ['byte-by-byte', 'slow-first-byte:5', 'silence:5', 'gzip']) {
      const response = await ask(path, body, scenario);
      expect(response.headers.get('content-encoding')).toBe(scenario === 'gzip' ? 'gzip' : null);
      expect(await response.text()).toBe(usual);
    }
  });

  it('sends huge events, and as many as wanted', async () => {
    expect((await (await ask(path, body, 'huge:300000')).text()).length).toBeGreaterThan(300_000);
    const chunks = await (await ask(path, body, 'chunks:50')).text();
    expect(chunks).toContain('chunk-0 ');
    expect(chunks).toContain('chunk-49 ');
  });

  it('answers other things than a stream', async () => {
    const html = await ask(path, body, 'html:502');
    expect([html.status, html.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
    const hidden = await ask(path, body, 'error-in-200');
    expect([hidden.status, await hidden.json()]).toMatchObject([200, { error: {} }]);
    expect((await ask(path, body, 'wrong-type')).headers.get('content-type')).toBe('text/plain');
    const redirect = await ask(path, body, 'redirect');
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('location')).toMatch(/^http:\/\/169\.254\.169\.254\//);
  });

  it('leaves usage out, and pings where the dialect has pings', async () => {
    expect(await (await ask(path, body, 'no-usage')).text()).not.toMatch(/"(usage|usageMetadata)":\{/);
    const pinged = await (await ask(path, body, 'pings')).text();
    if (name === 'gemini') expect(pinged).not.toContain('ping');
    else expect(pinged.split('ping').length).toBeGreaterThan(5);
  });

  it('hangs until the client leaves, and notes that it left', async () => {
    const controller = new AbortController();
    const pending = ask(path, body, 'hang', controller.signal).catch(() => 'left');
    await expect
      .poll(async () => ((await (await fetch(`${server.baseUrl}/__demo/requests`)).json()) as []).length)
      .toBe(1);
    controller.abort();
    expect(await pending).toBe('left');
    expect(await lastSeen()).toMatchObject({ aborted: true, status: 0 });
  });

  it('notes a client that leaves in mid-stream', async () => {
    const controller = new AbortController();
    const response = await ask(path, body, 'silence:600000', controller.signal);
    controller.abort();
    expect((await arrived(response)).isWhole).toBe(false);
    expect(await lastSeen()).toMatchObject({ aborted: true, status: 200 });
  });
});

describe('a scenario', () => {
  const [, path, body] = DIALECTS[0];

  it('can be refused', async () => {
    expect((await ask(path, body, 'no-such-thing')).status).toBe(400);
  });

  it('can stand in the prompt and in the model name', async () => {
    const post = (sent: object): Promise<Response> =>
      fetch(server.baseUrl + path, { method: 'POST', body: JSON.stringify(sent) });
    expect((await post({ model: 'demo-x+error:503', messages: [] })).status).toBe(503);
    const messages = [{ role: 'user', content: 'please [demo: error:403] thanks' }];
    expect((await post({ model: 'demo-x', messages })).status).toBe(403);
  });

  it('can force a tool call and a text', async () => {
    const tools = [{ type: 'function', function: { name: 'lookup', parameters: {} } }];
    expect(await (await ask(path, { ...body, tools }, 'call:lookup')).text()).toContain('"name":"lookup"');
    const bash = [{ type: 'function', function: { name: 'bash', parameters: {} } }];
    expect(await (await ask(path, { ...body, tools: bash }, 'tool')).text()).toContain('"name":"bash"');
    expect(await (await ask(path, body, 'text:Bonjour')).text()).toContain('"content":"Bonjour"');
  });

  it('breaks whole answers too', async () => {
    const whole = { ...body, stream: false };
    expect((await arrived(await ask(path, whole, 'cut'))).isWhole).toBe(false);
    for (const scenario of ['clean-cut', 'malformed', 'sse-error']) {
      const { text, isWhole } = await arrived(await ask(path, whole, scenario));
      expect(isWhole).toBe(true);
      expect(() => JSON.parse(text)).toThrow();
    }
  });
});
