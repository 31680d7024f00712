import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedServer } from '../provider.ts';
import type { SeenRequest } from './request-log.ts';
import { startDemoServer } from './server.ts';
import { DEMO_THINKING, sign } from './signature.ts';

const HELLO = 'Hello from the ucode demo model.';
const DONE = 'The tool ran. Final answer from the ucode demo model.';
const PROMPT = 'Create the file f.txt with the text hi using the shell.';
const COMMAND = 'echo hi > f.txt && cat f.txt';
const parameters = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };

let server: EmbeddedServer;
beforeAll(async () => void (server = await startDemoServer()));
afterAll(() => server.close());
beforeEach(async () => void (await fetch(`${server.baseUrl}/__demo/requests`, { method: 'DELETE' })));

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return fetch(server.baseUrl + path, { method: 'POST', body: bytes, headers });
}

async function json(path: string, body: unknown, headers: Record<string, string> = {}): Promise<any> {
  return (await post(path, body, headers)).json();
}

async function events(path: string, body: unknown, headers: Record<string, string> = {}): Promise<any[]> {
  const text = await (await post(path, body, headers)).text();
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]');
  return lines.map((line) => JSON.parse(line.slice(6)));
}

async function seen(): Promise<SeenRequest[]> {
  return (await fetch(`${server.baseUrl}/__demo/requests`)).json() as Promise<SeenRequest[]>;
}

describe('chat', () => {
  const path = '/v1/chat/completions';
  const ask = (content: string): object => ({ model: 'demo-x', messages: [{ role: 'user', content }] });

  it('answers whole and streamed with the same text and usage', async () => {
    const whole = await json(path, ask('hi'));
    expect(whole.choices[0].message.content).toContain(HELLO);
    expect(whole.usage).toMatchObject({ prompt_tokens: 1200, completion_tokens: 42 });
    const chunks = await events(path, { ...ask('hi'), stream: true, stream_options: { include_usage: true } });
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(whole.choices[0].message.content);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  });

  it('gives streamed usage only when asked', async () => {
    const chunks = await events(path, { ...ask('hi'), stream: true });
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('runs the tool loop', async () => {
    const tools = [{ type: 'function', function: { name: 'bash', parameters } }];
    const first = await json(path, { ...ask(PROMPT), tools });
    const [call] = first.choices[0].message.tool_calls;
    expect(JSON.parse(call.function.arguments)).toEqual({ command: COMMAND });
    expect(first.choices[0].finish_reason).toBe('tool_calls');
    const chunks = await events(path, { ...ask(PROMPT), tools, stream: true });
    const deltas = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
    expect(deltas.map((delta) => delta.function.arguments).join('')).toBe(call.function.arguments);
    const messages = [{ role: 'user', content: PROMPT }, first.choices[0].message, { role: 'tool', content: 'hi' }];
    expect((await json(path, { model: 'm', messages, tools })).choices[0].message.content).toBe(DONE);
    const again = [...messages, { role: 'assistant', content: DONE }, { role: 'user', content: PROMPT }];
    expect((await json(path, { model: 'm', messages: again, tools })).choices[0].finish_reason).toBe('tool_calls');
  });

  it('answers plainly when no tool may be called', async () => {
    expect((await json(path, ask(PROMPT))).choices[0].message.content).toContain(HELLO);
    const tools = [{ type: 'function', function: { name: 'bash', parameters } }];
    const refused = await json(path, { ...ask(PROMPT), tools, tool_choice: 'none' });
    expect(refused.choices[0].message.content).toContain(HELLO);
  });

  it('shows reasoning, and fits a schema', async () => {
    const reasoned = await json(path, { ...ask('hi'), reasoning_effort: 'low' });
    expect(reasoned.choices[0].message.reasoning_content).toBe(DEMO_THINKING);
    const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
    const fitted = await json(path, {
      ...ask('hi'),
      response_format: { type: 'json_schema', json_schema: { schema } },
    });
    expect(JSON.parse(fitted.choices[0].message.content)).toHaveProperty('title');
  });

  it('embeds the same text the same way', async () => {
    const answer = await json('/v1/embeddings', { model: 'e', input: ['a', 'b', 'a'], dimensions: 16 });
    const [a, b, again] = answer.data.map((one: any) => one.embedding);
    expect(a).toHaveLength(16);
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
    const packed = await json('/v1/embeddings', { model: 'e', input: 'a', dimensions: 16, encoding_format: 'base64' });
    expect(Buffer.from(packed.data[0].embedding, 'base64')).toHaveLength(64);
  });
});

describe('responses', () => {
  const path = '/v1/responses';

  it('streams what it answers whole', async () => {
    const body = { model: 'm', input: 'hi' };
    const whole = await json(path, body);
    expect(whole.output[0].content[0].text).toContain(HELLO);
    expect(whole.usage).toMatchObject({ input_tokens: 1200, output_tokens_details: { reasoning_tokens: 7 } });
    const stream = await events(path, { ...body, stream: true });
    expect(stream.map((event) => event.sequence_number)).toEqual(stream.map((_, index) => index));
    expect(stream.at(-1)).toMatchObject({ type: 'response.completed', response: { usage: whole.usage } });
  });

  it('calls through namespaces, additional tools, custom tools and local_shell', async () => {
    const input = [{ role: 'user', content: [{ type: 'input_text', text: PROMPT }] }];
    const exec = { type: 'custom', name: 'exec' };
    const extra = { type: 'additional_tools', tools: [{ type: 'namespace', name: 'functions', tools: [exec] }] };
    const custom = (await json(path, { model: 'm', input: [extra, ...input] })).output[0];
    expect(custom).toMatchObject({ type: 'custom_tool_call', name: 'exec', namespace: 'functions' });
    expect(custom.input).toContain(JSON.stringify(COMMAND));
    const local = (await json(path, { model: 'm', input, tools: [{ type: 'local_shell' }] })).output[0];
    expect(local).toMatchObject({ type: 'local_shell_call', action: { command: ['bash', '-lc', COMMAND] } });
    const schema = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };
    const tools = [{ type: 'web_search' }, { type: 'function', name: 'exec_command', parameters: schema }];
    const call = (await json(path, { model: 'm', input, tools })).output[0];
    expect(call).toMatchObject({ type: 'function_call', arguments: JSON.stringify({ cmd: COMMAND }) });
    const done = [...input, call, { type: 'function_call_output', call_id: call.call_id, output: 'hi' }];
    expect((await json(path, { model: 'm', input: done, tools })).output[0].content[0].text).toBe(DONE);
  });

  it('takes its encrypted reasoning back, but only unaltered', async () => {
    const include = ['reasoning.encrypted_content'];
    const { output } = await json(path, { model: 'm', input: 'hi', include, reasoning: { summary: 'auto' } });
    expect(output[0]).toMatchObject({ type: 'reasoning', summary: [{ text: DEMO_THINKING }] });
    const user = { role: 'user', content: 'and now?' };
    expect((await post(path, { model: 'm', input: [output[0], user] })).status).toBe(200);
    const altered = { ...output[0], encrypted_content: `${output[0].encrypted_content.slice(0, -4)}AAAA` };
    expect((await post(path, { model: 'm', input: [altered, user] })).status).toBe(400);
    const foreign = { type: 'reasoning', encrypted_content: 'gAAAAABother' };
    expect((await post(path, { model: 'm', input: [foreign, user] })).status).toBe(200);
  });
});

describe('messages', () => {
  const path = '/v1/messages';
  const ask = (content: unknown): any => ({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content }] });
  const tools = [{ name: 'Bash', input_schema: parameters }];

  it('answers whole and streamed', async () => {
    const whole = await json(path, ask('hi'));
    expect(whole.content[0].text).toContain(HELLO);
    expect(whole.usage).toMatchObject({
      input_tokens: 120,
      cache_read_input_tokens: 1000,
      cache_creation: { ephemeral_1h_input_tokens: 80, ephemeral_5m_input_tokens: 0 },
      output_tokens: 42,
    });
    const stream = await events(path, { ...ask('hi'), stream: true });
    expect(stream[0]).toMatchObject({ type: 'message_start', message: { usage: { output_tokens: 1 } } });
    expect(stream.map((event) => event.delta?.text ?? '').join('')).toBe(whole.content[0].text);
    expect(stream.at(-1)).toEqual({ type: 'message_stop' });
  });

  it('runs the tool loop past reminders and system turns', async () => {
    const content = [
      { type: 'text', text: '<system-reminder>\nnothing\n</system-reminder>' },
      { type: 'text', text: PROMPT },
    ];
    const body = { ...ask(content), tools, thinking: { type: 'adaptive' } };
    body.messages.push({ role: 'system', content: 'environment' });
    const first = await json(path, body);
    expect(first.content.map((block: any) => block.type)).toEqual(['thinking', 'tool_use']);
    expect(first.content[1].input).toEqual({ command: COMMAND });
    const result = {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: first.content[1].id, content: 'hi' }],
    };
    const resume = { role: 'user', content: 'Your response above was cut off mid-stream. Resume directly.' };
    const assistant = { role: 'assistant', content: first.content };
    const messages = [...body.messages, assistant, result, resume];
    expect((await json(path, { ...body, messages })).content.at(-1).text).toBe(DONE);
  });

  it.each([
    ['text', { thinking: `${DEMO_THINKING} `, signature: sign(DEMO_THINKING) }],
    ['signature', { thinking: DEMO_THINKING, signature: `${sign(DEMO_THINKING)}A` }],
    ['signature of another', { thinking: DEMO_THINKING, signature: 'EqQBCg' }],
  ])('refuses thinking whose %s was altered', async (_, block) => {
    const assistant = { role: 'assistant', content: [{ type: 'thinking', ...block }] };
    const response = await post(path, { model: 'm', messages: [assistant, { role: 'user', content: 'x' }] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  it('counts four characters a token', async () => {
    const body = JSON.stringify(ask('hi'));
    expect(await json(`${path}/count_tokens?beta=true`, body)).toEqual({ input_tokens: Math.ceil(body.length / 4) });
  });
});

describe('gemini', () => {
  const path = '/v1beta/models/demo-g';
  const ask = (text: string): any => ({ contents: [{ role: 'user', parts: [{ text }] }] });

  it('answers whole, streamed and as an array', async () => {
    const whole = await json(`${path}:generateContent`, ask('hi'));
    expect(whole.candidates[0].content.parts[0].text).toContain(HELLO);
    expect(whole.modelVersion).toBe('demo-g');
    expect(whole.usageMetadata).toMatchObject({
      candidatesTokenCount: 35,
      thoughtsTokenCount: 7,
      totalTokenCount: 1242,
    });
    const stream = await events(`${path}:streamGenerateContent?alt=sse`, ask('hi'));
    expect(stream.at(-1).candidates[0].finishReason).toBe('STOP');
    expect(await json(`${path}:streamGenerateContent`, ask('hi'))).toEqual(stream);
  });

  it('runs the tool loop with thought signatures', async () => {
    const tools = [{ functionDeclarations: [{ name: 'run_shell_command', parametersJsonSchema: parameters }] }];
    const generationConfig = { thinkingConfig: { includeThoughts: true } };
    const body = { ...ask(PROMPT), tools, generationConfig };
    const { content } = (await json(`${path}:generateContent`, body)).candidates[0];
    expect(content.parts[0]).toEqual({ text: DEMO_THINKING, thought: true });
    expect(content.parts[1]).toMatchObject({
      functionCall: { args: { command: COMMAND } },
      thoughtSignature: expect.any(String),
    });
    const result = { role: 'user', parts: [{ functionResponse: { name: 'run_shell_command', response: {} } }] };
    const done = await json(`${path}:generateContent`, { ...body, contents: [...body.contents, content, result] });
    expect(done.candidates[0].content.parts[1].text).toBe(DONE);
    content.parts[1].thoughtSignature += 'x';
    const altered = await post(`${path}:generateContent`, { ...body, contents: [...body.contents, content, result] });
    expect(altered.status).toBe(400);
  });

  it('answers JSON when JSON is asked for, and counts tokens', async () => {
    const generationConfig = { responseMimeType: 'application/json' };
    const answer = await json(`${path}:generateContent`, { ...ask('hi'), generationConfig });
    expect(JSON.parse(answer.candidates[0].content.parts[0].text)).toEqual({});
    expect(await json(`${path}:countTokens`, ask('hi'))).toEqual({ totalTokens: expect.any(Number) });
  });
});

describe('the server', () => {
  it('tells exactly what it saw', async () => {
    const body = '{"model":"m",  "messages":[{"role":"user","content":"\\u00e9 é"}]}';
    const response = await post('/v1/chat/completions?a=%20b', body, { 'x-api-key': 'k', 'X-Mixed': '1' });
    const digest = createHash('sha256').update(body).digest('hex');
    expect(response.headers.get('x-demo-body-sha256')).toBe(digest);
    await response.text();
    const [only, ...others] = await seen();
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions?a=%20b',
      headers: { 'x-api-key': 'k', 'x-mixed': '1' },
      bodySha256: digest,
      bodyLength: Buffer.byteLength(body),
      status: 200,
    });
  });

  it('masks credentials when told to', async () => {
    const masked = await startDemoServer({ maskCredentials: true });
    await fetch(`${masked.baseUrl}/v1/models`, { headers: { authorization: 'Bearer secret' } });
    const text = await (await fetch(`${masked.baseUrl}/__demo/requests`)).text();
    expect(text).not.toContain('secret');
    await masked.close();
  });

  it('gives the same bytes for the same request', async () => {
    const body = { model: 'm', stream: true, input: 'hi' };
    const [one, two] = await Promise.all([post('/v1/responses', body), post('/v1/responses', body)]);
    expect(await one.text()).toBe(await two.text());
  });

  it('stands in for vendors with a path before the version, and reads compressed bodies', async () => {
    const body = gzipSync(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] }));
    const path = '/ai-gateway/mlflow/v1/chat/completions';
    expect((await json(path, body, { 'content-encoding': 'gzip' })).object).toBe('chat.completion');
  });

  it('lists models in each dialect', async () => {
    const get = async (path: string, headers: Record<string, string> = {}): Promise<any> =>
      (await fetch(server.baseUrl + path, { headers })).json();
    expect((await get('/v1/models')).data[0]).toMatchObject({ id: 'demo-claude-opus-4-8', object: 'model' });
    expect((await get('/v1/models', { 'anthropic-version': '2023-06-01' })).data[0].type).toBe('model');
    expect((await get('/v1beta/models')).models[0].name).toBe('models/demo-claude-opus-4-8');
  });

  it('refuses what it cannot read', async () => {
    expect((await post('/v1/messages', 'not json')).status).toBe(400);
    expect((await post('/v1/nothing', {})).status).toBe(404);
    expect((await fetch(`${server.baseUrl}/v1/responses`)).status).toBe(405);
  });
});
