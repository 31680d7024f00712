import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachDialect } from './support/dialect-cases.ts';
import { call } from './support/http-call.ts';
import { rawExchange } from './support/raw-exchange.ts';
import { scriptedModel, startScriptedGateway, type ScriptedGateway } from './support/scripted-gateway.ts';
import { answers, speaks, streams } from './support/scripts.ts';
import { waitFor } from './support/wait-for.ts';

const chat = eachDialect.find(([name]) => name === 'openai-chat')![1];
const chatPath = '/ai-gateway/openai/v1/chat/completions';
const maxBody = 4 * 1024 * 1024;
let lab: ScriptedGateway;
beforeAll(async () => {
  lab = await startScriptedGateway(() => ({
    server: { max_body_bytes: maxBody, client_timeout: '1s', max_attempts: 1 },
  }));
});
afterAll(async () => {
  // After everything above, the same process still serves.
  lab.upstream.play(speaks(chat, false));
  const { path, body } = chat.ask({ model: scriptedModel('custom'), text: 'hi', stream: false });
  const result = await lab.call(path, { body });
  await lab.stop();
  expect(result.text).toBe(chat.answer);
});

describe.each(eachDialect)('%s: bodies', (name, dialect) => {
  const model = scriptedModel(dialect.block);
  const good = dialect.ask({ model, text: 'hi', stream: false });

  it.each([
    ['empty', ''],
    ['not JSON', 'model=gpt&messages=hi'],
    ['an array', '[1]'],
    ['a string', '"hello"'],
    ['null', 'null'],
    ['cut off', good.body.slice(0, -7)],
    ['followed by something', `${good.body}{"more":1}`],
    ['with a trailing comma', good.body.trim().replace(/\}$/, ',}')],
    ['binary', Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x7b])],
    ['100,000 open brackets', '['.repeat(100_000)],
    ['100,000 open objects', '{"a":'.repeat(100_000)],
  ])('%s: a 400 in the dialect, and the provider never hears of it', async (_what, body) => {
    lab.upstream.play(speaks(dialect, false));
    const result = await lab.call(good.path, { body });
    expect(result.status, result.text.slice(0, 300)).toBe(400);
    expect(dialect.error(result).message.length).toBeGreaterThan(10);
    expect(lab.upstream.requests).toHaveLength(0);
  });

  it('passes a value nested 100,000 deep through untouched, or refuses it clearly', async () => {
    lab.upstream.play(speaks(dialect, false));
    const body = `{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)},${good.body.trim().slice(1)}`;
    const result = await lab.call(good.path, { body });
    if (result.status === 200) {
      expect(lab.upstream.requests[0]!.body.length).toBe(
        body.replace(JSON.stringify(model), '"upstream-model"').length,
      );
    } else expect(dialect.error(result).message.length).toBeGreaterThan(10);
  });

  it('broken inside a string: refused where the gateway reads it, else left to the provider', async () => {
    lab.upstream.play(speaks(dialect, false));
    const body = good.body.replace('"hi"', '"\\x"');
    const result = await lab.call(good.path, { body });
    if (result.status === 200) expect(lab.upstream.requests[0]!.body.toString()).toContain('"\\x"');
    else expect(result.status).toBe(400);
    if (name === 'gemini') return;
    const inModel = await lab.call(good.path, { body: good.body.replace(JSON.stringify(model), '"\\x"') });
    expect(inModel.status).toBe(400);
    dialect.error(inModel);
  });

  it('larger than allowed: 413, whether the length is told or not', async () => {
    const big = `{"x":"${'a'.repeat(maxBody)}",${good.body.trim().slice(1)}`;
    const told = await lab.call(good.path, { body: big });
    expect(told.status).toBe(413);
    dialect.error(told);
    const untold = await lab.call(good.path, {
      body: big,
      headers: { 'transfer-encoding': 'chunked', 'content-length': [] },
    });
    expect(untold.status).toBe(413);
    dialect.error(untold);
  });

  it('compressed: 415', async () => {
    const result = await lab.call(good.path, { body: gzipSync(good.body), headers: { 'content-encoding': 'gzip' } });
    expect(result.status).toBe(415);
    dialect.error(result);
  });

  it.each([
    ['none', {}],
    ['wrong', { authorization: 'Bearer ucg_wrong' }],
    ['of another kind', { authorization: 'Basic dTpw' }],
    ['empty', { 'x-api-key': '' }],
  ])('token %s: the dialect’s own 401, without reading on', async (_what, headers) => {
    lab.upstream.play(speaks(dialect, false));
    const result = await call(lab.gateway.url + good.path, { body: good.body, headers });
    expect(result.status).toBe(401);
    dialect.error(result);
    expect(lab.upstream.requests).toHaveLength(0);
  });
});

describe.each(eachDialect)('%s: provider answers', (name, dialect) => {
  const model = scriptedModel(dialect.block);
  const { path, body } = dialect.ask({ model, text: 'hi', stream: true });

  it.each([
    ['HTML with 200', answers(200, '<html>hello <script>x</script></html>', { 'content-type': 'text/html' }), 502],
    ['HTML with 503', answers(503, '<html>down</html>', { 'content-type': 'text/html' }), 503],
    ['a content type of its own', answers(200, 'hello', { 'content-type': 'application/x-nonsense' }), 502],
    [
      'a redirect to a private address',
      answers(302, '', { location: 'http://169.254.169.254/latest/meta-data/' }),
      502,
    ],
    ['a redirect to itself', answers(307, '', { location: '/v1/chat/completions' }), 502],
  ])('%s', async (_what, script, status) => {
    lab.upstream.play(script);
    const result = await lab.call(path, { body });
    expect(result.status, result.text).toBe(status);
    expect(dialect.error(result).message).not.toContain('<');
    expect(result.headers).not.toHaveProperty('location');
    expect(lab.upstream.requests).toHaveLength(1);
  });

  it('gzip although not asked for passes as it is', async () => {
    const packed = gzipSync(dialect.answer);
    lab.upstream.play(answers(200, packed, { 'content-encoding': 'gzip' }));
    const result = await lab.call(path, { body });
    expect(result.headers['content-encoding']).toBe('gzip');
    expect(result.bytes.equals(packed)).toBe(true);
    expect(lab.upstream.requests[0]!.headers['accept-encoding'] ?? 'identity').toBe('identity');
  });

  it('an error inside a 200 passes unchanged', async () => {
    const error = '{"error":{"code":500,"type":"server_error","message":"inside","status":"INTERNAL"}}';
    lab.upstream.play(answers(200, error));
    const result = await lab.call(path, { body });
    expect(result.text).toBe(error);
  });

  it('malformed events pass unchanged, and the end is still told', async () => {
    const garbage = ['data: {"broken\n\n', 'data: \u0000\u0001{]\n\n', 'event: \n\n', 'data\n\n', ':\n\n'];
    lab.upstream.play(streams(garbage));
    const result = await lab.call(path, { body });
    expect(result.status).toBe(200);
    expect(result.text.startsWith(garbage.join(''))).toBe(true);
  });

  it('an event of 3 MB passes unchanged', async () => {
    const huge = dialect.events[0]!.replace(/"(m|r|c|g)-1"/, `"${'h'.repeat(3 * 1024 * 1024)}"`);
    expect(huge.length).toBeGreaterThan(3_000_000);
    const all = [huge, ...dialect.events.slice(1)];
    lab.upstream.play(streams(all));
    const result = await lab.call(path, { body });
    expect(result.bytes.equals(Buffer.from(all.join('')))).toBe(true);
  });

  it('a connection closed without an answer is a 502', async () => {
    lab.upstream.play((_received, response) => void response.destroy());
    const result = await lab.call(path, { body });
    expect(result.status).toBe(502);
    dialect.error(result);
  });

  it(`a header that would split the answer (${name})`, async () => {
    lab.upstream.play((_received, response) => {
      response.socket!.end(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-odd: a\u0007b\r\ncontent-length: 2\r\n\r\n{}`,
      );
    });
    const result = await lab.call(path, { body });
    expect([200, 502]).toContain(result.status);
  });
});

describe('where `model` may stand', () => {
  const model = scriptedModel('custom');
  const received = async (body: string): Promise<string> => {
    lab.upstream.play(speaks(chat, false));
    const result = await lab.call(chatPath, { body });
    expect(result.status, result.text).toBe(200);
    return lab.upstream.requests[0]!.body.toString();
  };
  const refused = async (body: string): Promise<{ message: string; code: string }> => {
    lab.upstream.play(speaks(chat, false));
    const result = await lab.call(chatPath, { body });
    expect(result.status).toBe(400);
    expect(lab.upstream.requests).toHaveLength(0);
    return chat.error(result);
  };

  it('twice: refused, also when one key is escaped', async () => {
    expect((await refused(`{"model":"${model}","messages":[],"model":"other"}`)).message).toContain('model');
    expect((await refused(`{"model":"${model}","messages":[],"mod\\u0065l":"other"}`)).message).toContain('model');
  });

  it('under an escaped key, with an escaped value', async () => {
    expect(await received(`{"mod\\u0065l":"${model}","messages":[]}`)).toBe(
      '{"mod\\u0065l":"upstream-model","messages":[]}',
    );
    expect(await received(`{"model":"\\u006dain.test.scripted","messages":[]}`)).toBe(
      '{"model":"upstream-model","messages":[]}',
    );
  });

  it('after 300 KB of content', async () => {
    const filler = 'x\\"'.repeat(100_000);
    expect(await received(`{"messages":["${filler}"],"model":"${model}"}`)).toBe(
      `{"messages":["${filler}"],"model":"upstream-model"}`,
    );
  });

  it('nested: ignored, so it is missing', async () => {
    expect(
      (await refused(`{"metadata":{"model":"${model}"},"messages":["\\"model\\":\\"${model}\\""]}`)).message,
    ).toContain('model');
    expect(await received(`{"a":{"model":"x"},"model":"${model}","b":[{"model":"y"}]}`)).toBe(
      '{"a":{"model":"x"},"model":"upstream-model","b":[{"model":"y"}]}',
    );
  });

  it.each(['1', 'null', '["a"]', '{"a":1}', 'true', '""'])('of the wrong type (%s): refused', async (value) => {
    expect((await refused(`{"model":${value},"messages":[]}`)).message).toContain('model');
  });

  it('`stream` of the wrong type: refused', async () => {
    expect((await refused(`{"model":"${model}","messages":[],"stream":"yes"}`)).message).toContain('stream');
  });

  it('a name with line breaks neither reaches a header nor the message raw', async () => {
    const result = await lab.call(chatPath, {
      body: JSON.stringify({ model: 'a\r\nx-evil: 1\r\n\r\n', messages: [] }),
    });
    expect(result.status).toBe(404);
    expect(result.headers).not.toHaveProperty('x-evil');
    expect(chat.error(result).message).not.toMatch(/[\r\n]/);
  });
});

describe('connections', () => {
  const head = (extra = '', path = chatPath): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${lab.gateway.token}\r\n${extra}`;

  it('headers that never end: 408 and closed', async () => {
    const result = await rawExchange(lab.gateway.url, head('x-slow: '), 15_000);
    expect(result.closed).toBe(true);
    expect(result.status).toBe(408);
  });

  it('a body that never ends: 408 in the dialect and closed', async () => {
    const result = await rawExchange(
      lab.gateway.url,
      head('content-type: application/json\r\ncontent-length: 100\r\n\r\n{"model'),
      15_000,
    );
    expect(result.status).toBe(408);
    expect(result.closed).toBe(true);
    expect(result.text).toContain('"error":{"message":');
  });

  it('a caller that goes in the middle of its body leaves nothing behind', async () => {
    const result = rawExchange(lab.gateway.url, head('content-length: 100\r\n\r\n{"model'), 100);
    expect((await result).status).toBe(0);
    await waitFor('no request in flight', async () => !/in_flight\S* [1-9]/.test((await lab.call('/metrics')).text));
  });

  it.each([
    ['both lengths', 'content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'content-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ['a negative length', 'content-length: -1\r\n\r\n'],
    ['a bad chunk size', 'transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'],
    ['a header without a colon', 'nonsense\r\n\r\n'],
    ['a bare line feed in a header', 'x-a: b\nx-c: d\r\n\r\n'],
    ['a zero byte in a header', 'x-a: b\u0000c\r\n\r\n'],
    ['a folded header', 'x-a: b\r\n c\r\n\r\n'],
  ])('%s is refused and nothing reaches the provider', async (_what, rest) => {
    lab.upstream.play(speaks(chat, false));
    const result = await rawExchange(lab.gateway.url, head(rest));
    expect(result.status === 400 || result.status === 408).toBe(true);
    expect(lab.upstream.requests).toHaveLength(0);
  });

  it('a head of 1 MB: 431', async () => {
    const result = await rawExchange(lab.gateway.url, head(`x-big: ${'a'.repeat(1024 * 1024)}\r\n\r\n`));
    expect([431, 0]).toContain(result.status);
    expect(result.closed).toBe(true);
  });

  it('random bytes and TLS hellos are refused', async () => {
    for (const bytes of [
      Buffer.from('160301020001000001fc0303', 'hex'),
      Buffer.alloc(4096, 0xaa),
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    ]) {
      const result = await rawExchange(lab.gateway.url, bytes);
      expect([0, 400, 408, 505]).toContain(result.status);
    }
  });

  it('a smuggled second request is not believed', async () => {
    lab.upstream.play(speaks(chat, false));
    const result = await rawExchange(
      lab.gateway.url,
      head(`content-length: 0\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\n\r\n`),
    );
    expect(result.status).toBe(400);
  });
});

describe('paths', () => {
  const get = (target: string, method = 'GET'): ReturnType<typeof rawExchange> =>
    rawExchange(
      lab.gateway.url,
      `${method} ${target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${lab.gateway.token}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );

  it('an unknown path under /ai-gateway has the vendor’s error', async () => {
    const result = await lab.call('/ai-gateway/anthropic/v1/nothing', { body: '{}' });
    expect(result.status).toBe(400);
    const body = result.json();
    expect(body.error_code).toBe('BAD_REQUEST');
    expect(body.message).toBe(
      "Request path '/ai-gateway/anthropic/v1/nothing' doesn't match any known API type and is classified as an unmanaged api request. Set the Databricks-Model-Provider-Service header to the name of the model provider service to forward this request to.",
    );
    expect(result.text.startsWith('{"error_code":')).toBe(true);
  });

  it.each([
    '/ai-gateway/../../../etc/passwd',
    '/ai-gateway/%2e%2e/%2e%2e/etc/passwd',
    '/ai-gateway/gemini/v1beta/models/..%2f..%2fsecret:generateContent',
    '/ai-gateway/gemini/v1beta/models/%00:generateContent',
    '/ai-gateway/gemini/v1beta/models/%zz:generateContent',
    '/ai-gateway/gemini/v1beta/models/:generateContent',
    '//ai-gateway/openai/v1/models',
    '/ai-gateway//openai/v1/models',
    '/AI-GATEWAY/openai/v1/models/..;/',
    '/api/2.1/unity-catalog/model-services/..%2f..',
    '/api/2.1/unity-catalog/model-services/%E0%A4%A',
    '/constructor',
    '/__proto__',
    '/ai-gateway/__proto__',
  ])('%s is refused with JSON', async (target) => {
    for (const method of ['GET', 'POST']) {
      const result = await get(target, method);
      expect(result.status, `${method} ${result.text}`).toBeGreaterThanOrEqual(400);
      expect(result.status).toBeLessThan(500);
      expect(result.text).not.toContain('root:');
    }
  });

  it('a model with slashes and dots stays in its segment at the provider', async () => {
    lab.upstream.play(answers(200, '{}'));
    const path = `/ai-gateway/gemini/v1beta/models/${encodeURIComponent('../../admin?x=1#y')}:generateContent`;
    await lab.call(path, { body: '{}', headers: { 'databricks-model-provider-service': 'main.test.gemini' } });
    const url = lab.upstream.requests[0]?.url ?? '/v1beta/models/refused';
    expect(url).toMatch(/^\/v1beta\/models\/[^/?#]*$/);
  });

  it('the absolute form is understood, whatever host it names, and never fetched', async () => {
    lab.upstream.play(speaks(chat, false));
    const result = await get('http://169.254.169.254/healthz');
    expect(result.status).toBe(200);
    const other = await get('http://169.254.169.254/latest/meta-data');
    expect(other.status).toBe(404);
    expect(lab.upstream.requests).toHaveLength(0);
  });

  it('CONNECT and unknown methods are refused', async () => {
    expect(
      (await rawExchange(lab.gateway.url, 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n')).status,
    ).toBeGreaterThanOrEqual(400);
    expect((await get(chatPath, 'TRACE')).status).toBeGreaterThanOrEqual(400);
    expect((await get(chatPath, 'DELETE')).status).toBe(405);
  });

  it.each(['/ai-gateway/codex/v1/responses', '/ai-gateway/openai/v1/responses', '/ai-gateway/mlflow/v1/responses'])(
    'a WebSocket upgrade on %s gets 426 at once',
    async (path) => {
      const result = await rawExchange(
        lab.gateway.url,
        `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${lab.gateway.token}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      );
      expect(result.status).toBe(426);
    },
  );

  it('an upgrade to HTTP/2, as Java clients offer with every request, is passed over', async () => {
    const result = await rawExchange(
      lab.gateway.url,
      'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n',
    );
    expect(result.status).toBe(200);
  });

  it('HEAD probes of Claude Code need no token', async () => {
    for (const path of ['/ai-gateway/anthropic', '/ai-gateway/anthropic/api/hello']) {
      expect((await call(lab.gateway.url + path, { method: 'HEAD' })).status, path).toBe(200);
    }
  });

  it('a Responses-shaped body on the cursor path is refused clearly', async () => {
    const body = JSON.stringify({
      model: scriptedModel('custom'),
      input: [{ role: 'user', content: 'hi' }],
      stream: true,
      include: [],
    });
    const result = await lab.call('/ai-gateway/cursor/v1/chat/completions', { body });
    expect(result.status).toBe(400);
    expect(chat.error(result).message).toMatch(/Responses/);
  });

  it('request tags that are not JSON of strings are refused or ignored, never fatal', async () => {
    for (const tags of ['{', '[1]', '{"a":1}', '{"__proto__":"x"}', 'x'.repeat(20_000)]) {
      lab.upstream.play(speaks(chat, false));
      const { path, body } = chat.ask({ model: scriptedModel('custom'), text: 'hi', stream: false });
      const result = await lab.call(path, { body, headers: { 'databricks-ai-gateway-request-tags': tags } });
      expect([200, 400], tags.slice(0, 20)).toContain(result.status);
    }
  });
});

describe('private addresses', () => {
  it('are refused where the configuration does not allow them', async () => {
    const closed = await startScriptedGateway(() => ({ server: { allowed_private_networks: [] } }));
    try {
      const { path, body } = chat.ask({ model: scriptedModel('custom'), text: 'hi', stream: false });
      const result = await closed.call(path, { body });
      expect(result.status).toBe(502);
      expect(chat.error(result).message).toMatch(/private/i);
      expect(closed.upstream.requests).toHaveLength(0);
    } finally {
      await closed.stop();
    }
  });
});
