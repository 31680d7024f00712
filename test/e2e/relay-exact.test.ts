import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachDialect, type DialectCase } from './support/dialect-cases.ts';
import { scriptedModel, startScriptedGateway, type ScriptedGateway } from './support/scripted-gateway.ts';
import { answers, speaks, streams } from './support/scripts.ts';

let lab: ScriptedGateway;
beforeAll(async () => void (lab = await startScriptedGateway()));
afterAll(() => lab?.stop());

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** The one edit that relay makes to a body that already asks for usage. */
function edited(body: string, dialect: DialectCase): string {
  return body.replace(JSON.stringify(scriptedModel(dialect.block)), '"upstream-model"');
}

async function sendAndCompare(dialect: DialectCase, path: string, body: string): Promise<void> {
  lab.upstream.play(speaks(dialect, false));
  const result = await lab.call(path, { body });
  expect(result.status, result.text.slice(0, 500)).toBe(200);
  expect(lab.upstream.requests).toHaveLength(1);
  const received = lab.upstream.requests[0]!.body;
  const expected = edited(body, dialect);
  if (received.length < 5000) expect(received.toString()).toBe(expected);
  expect(sha256(received)).toBe(sha256(expected));
}

describe.each(eachDialect)('%s', (_name, dialect) => {
  const model = scriptedModel(dialect.block);

  it.each([false, true])('request bytes differ only in the model (stream %s)', async (stream) => {
    const { path, body } = dialect.ask({
      model,
      text: 'Zeile\n„ä" 你好 \u0000 \ud83d\ude00 </script> \\u0041',
      stream,
    });
    lab.upstream.play(speaks(dialect, stream));
    const result = await lab.call(path, { body });
    expect(result.status, result.text).toBe(200);
    expect(lab.upstream.requests[0]!.body.toString()).toBe(edited(body, dialect));
  });

  it.each([false, true])('response bytes are the provider’s (stream %s)', async (stream) => {
    const { path, body } = dialect.ask({ model, text: 'hi', stream });
    lab.upstream.play(speaks(dialect, stream));
    const result = await lab.call(path, { body });
    expect(result.text).toBe(stream ? dialect.events.join('') : dialect.answer);
    expect(result.headers['content-type']).toBe(stream ? 'text/event-stream' : 'application/json');
  });

  it('keeps odd whitespace, escapes, key order, big numbers and unknown fields', async () => {
    const { path, body } = dialect.ask({ model, text: 'hi', stream: false });
    const odd = ` \r\n{\t"z" : [ 1.0 , -0, 1E400, 12345678901234567890, "\\u00e9\\/\\ud800" , { "model" : "nested" } , null ],"":"","\\ud83d\\ude00":true ,${body.trim().slice(1)}\n\n `;
    await sendAndCompare(dialect, path, odd);
  });

  it('keeps a body of 1 MB', async () => {
    const filler = randomBytes(512 * 1024).toString('hex');
    const { path, body } = dialect.ask({ model, text: filler, stream: false });
    await sendAndCompare(dialect, path, body);
  });

  it('keeps odd framing of the stream: comments, unknown events, CRLF, no space after the colon, an unfinished last line', async () => {
    const stream = [
      ': hello\n\n',
      'retry: 100\nid: 7\n\n',
      'event: something.new\r\ndata:{"type":"something.new","x":[1,\r\ndata: 2]}\r\n\r\n',
      ...dialect.events,
      ': bye',
    ];
    lab.upstream.play(streams(stream));
    const { path, body } = dialect.ask({ model, text: 'hi', stream: true });
    const result = await lab.call(path, { body });
    expect(result.text).toBe(stream.join(''));
  });

  it('keeps a stream that arrives byte by byte', async () => {
    const bytes = Buffer.from(dialect.events.join(''));
    lab.upstream.play(async (_received, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const byte of bytes) {
        response.write(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      response.end();
    });
    const { path, body } = dialect.ask({ model, text: 'hi', stream: true });
    const result = await lab.call(path, { body });
    expect(sha256(result.bytes)).toBe(sha256(bytes));
  });

  it('keeps a provider error: status, body, type', async () => {
    const error = '{"error" : {"type":"invalid_request_error","message":"Grüße: nein","code":null}, "type":"error"}';
    lab.upstream.play(answers(400, error));
    const { path, body } = dialect.ask({ model, text: 'hi', stream: true });
    const result = await lab.call(path, { body });
    expect(result.status).toBe(400);
    expect(result.text).toBe(error);
    expect(lab.upstream.requests).toHaveLength(1);
  });

  it('sends the provider’s credential and never the caller’s, in whatever header it came', async () => {
    for (const header of ['authorization', 'x-api-key', 'x-goog-api-key']) {
      lab.upstream.play(speaks(dialect, false));
      const { path, body } = dialect.ask({ model, text: 'hi', stream: false });
      const { token } = lab.gateway;
      const result = await lab.call(path, {
        body,
        headers: {
          authorization: `Bearer ${token}`,
          [header]: header === 'authorization' ? `Bearer ${token}` : token,
          cookie: `session=${token}`,
          'proxy-authorization': `Bearer ${token}`,
          'x-databricks-ai-gateway-token': `Bearer ${token}`,
        },
      });
      expect(result.status, result.text).toBe(200);
      const received = lab.upstream.requests[0]!;
      const everything = JSON.stringify([received.url, received.headers, received.body.toString()]);
      expect(everything).not.toContain(token);
      expect(everything).toContain('provider-key-of-the-test');
    }
  });
});

describe('headers and query', () => {
  const anthropic = eachDialect.find(([name]) => name === 'anthropic-messages')![1];
  const chat = eachDialect.find(([name]) => name === 'openai-chat')![1];

  it('forwards anthropic-beta, anthropic-version and session headers verbatim, and ?beta=true', async () => {
    lab.upstream.play(speaks(anthropic, false));
    const { path, body } = anthropic.ask({ model: scriptedModel(anthropic.block), text: 'hi', stream: false });
    const headers = {
      'anthropic-beta': 'claude-code-20250219,context-1m-2025-08-07,never-heard-of-2099-01-01',
      'anthropic-version': '2023-06-01',
      'x-claude-code-session-id': 'a2b0b6d2-0000-4000-8000-000000000000',
      'x-stainless-lang': 'js',
    };
    expect((await lab.call(path, { body, headers })).status).toBe(200);
    const received = lab.upstream.requests[0]!;
    expect(received.headers).toMatchObject(headers);
    expect(received.url).toBe('/v1/messages?beta=true');
  });

  it('drops hop-by-hop headers, what Connection names and the gateway’s own', async () => {
    lab.upstream.play(speaks(chat, false));
    const { path, body } = chat.ask({ model: scriptedModel(chat.block), text: 'hi', stream: false });
    const headers = {
      connection: 'close, x-hop',
      'x-hop': 'secret',
      te: 'trailers',
      'keep-alive': 'timeout=5',
      'databricks-ai-gateway-request-tags': '{"team":"a"}',
    };
    expect((await lab.call(path, { body, headers })).status).toBe(200);
    const received = lab.upstream.requests[0]!.headers;
    for (const name of ['x-hop', 'te', 'keep-alive', 'databricks-ai-gateway-request-tags', 'transfer-encoding']) {
      expect(received, name).not.toHaveProperty(name);
    }
    expect(received.host).toBe(new URL(lab.upstream.url).host);
    expect(received['content-length']).toBe(String(lab.upstream.requests[0]!.body.length));
  });

  it('passes the provider’s rate-limit headers on, keeps its cookies, adds the request id', async () => {
    lab.upstream.play(
      answers(200, chat.answer, {
        'x-ratelimit-remaining-tokens': '99',
        'set-cookie': 'provider=1',
        'keep-alive': 'timeout=1',
        'x-request-id': 'provider-id',
      }),
    );
    const { path, body } = chat.ask({ model: scriptedModel(chat.block), text: 'hi', stream: false });
    const result = await lab.call(path, { body });
    expect(result.headers['x-ratelimit-remaining-tokens']).toBe('99');
    expect(result.headers).not.toHaveProperty('set-cookie');
    expect(result.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends a body without a length just as well', async () => {
    lab.upstream.play(speaks(chat, false));
    const { path, body } = chat.ask({ model: scriptedModel(chat.block), text: 'hi', stream: false });
    const result = await lab.call(path, { body, headers: { 'transfer-encoding': 'chunked', 'content-length': [] } });
    expect(result.status, result.text).toBe(200);
    expect(lab.upstream.requests[0]!.body.toString()).toBe(edited(body, chat));
  });
});

describe('the edit that metering needs', () => {
  const chat = eachDialect.find(([name]) => name === 'openai-chat')![1];
  const path = '/ai-gateway/mlflow/v1/chat/completions';
  const model = scriptedModel(chat.block);
  const sent = async (body: string): Promise<string> => {
    lab.upstream.play(speaks(chat, true));
    const result = await lab.call(path, { body });
    expect(result.status, result.text).toBe(200);
    return lab.upstream.requests[0]!.body.toString();
  };

  it('asks for usage where the caller did not, and leaves every other byte', async () => {
    const body = `{"model":"${model}", "messages":[ {"role":"user","content":"h\\u0069"} ] ,"stream":true}`;
    const received = await sent(body);
    expect(JSON.parse(received)).toEqual({
      ...JSON.parse(body),
      model: 'upstream-model',
      stream_options: { include_usage: true },
    });
    expect(received).toContain('"messages":[ {"role":"user","content":"h\\u0069"} ]');
  });

  it('adds to the caller’s stream_options', async () => {
    const body = `{"model":"${model}","messages":[],"stream":true,"stream_options":{"x":[1, 2]}}`;
    expect(JSON.parse(await sent(body)).stream_options).toEqual({ x: [1, 2], include_usage: true });
  });

  it('adds nothing where there is no stream', async () => {
    lab.upstream.play(speaks(chat, false));
    await lab.call(path, { body: `{"model":"${model}","messages":[]}` });
    expect(lab.upstream.requests[0]!.body.toString()).toBe('{"model":"upstream-model","messages":[]}');
  });
});
