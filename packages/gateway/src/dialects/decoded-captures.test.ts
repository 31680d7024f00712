import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SseParser } from '../framing/sse.ts';
import { foldEvents, type FoldedMessage } from '../ir/laws.ts';
import type { Dialect } from './dialect.ts';
import { dialects } from './index.ts';

// What single captures say, in numbers and words; the laws only compare streams with whole answers.

const { 'openai-chat': chat, 'openai-responses': responses, 'anthropic-messages': anthropic, gemini } = dialects;

function fold(dialect: Dialect, stream: string): FoldedMessage {
  const decoder = dialect.streamDecoder();
  const parser = new SseParser();
  const frames = [...parser.push(Buffer.from(stream)), ...parser.end()];
  return foldEvents([...frames.flatMap((frame) => decoder.step(frame)), ...decoder.end()]);
}

const capture = (dialect: Dialect, name: string): FoldedMessage =>
  fold(dialect, readFileSync(new URL(`./${dialect.id}/captures/${name}.sse`, import.meta.url), 'utf8'));

const data = (...chunks: unknown[]): string => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');

test('Anthropic input adds what the caches served and took', () => {
  const message = capture(anthropic, 'thinking-and-tools');
  expect(message.usage).toMatchObject({
    input: 312 + 2048 + 18_432,
    output: 187,
    cacheRead: 18_432,
    cacheWrite5m: 512,
    cacheWrite1h: 1536,
    reasoning: undefined,
  });
  expect(message.blocks.map((block) => (block.type === 'reasoning' ? block.opaque?.kind : block.type))).toEqual([
    'signature',
    'redacted',
    'text',
    'tool-input',
    'tool-input',
  ]);
  expect(message.blocks[4]).toMatchObject({ callId: 'toolu_01B', json: '{}', providerExecuted: false });
  expect(message.finish).toEqual({ unified: 'tool-calls', raw: 'tool_use' });
});

test('Anthropic without a split counts writes as five-minute ones; a cut stream knows no output', () => {
  const usage = { input_tokens: 1, cache_creation_input_tokens: 5, output_tokens: 1 };
  const message = fold(anthropic, data({ type: 'message_start', message: { id: 'm', model: 'x', usage } }));
  expect(message.usage).toMatchObject({
    input: 6,
    output: undefined,
    cacheRead: undefined,
    cacheWrite5m: 5,
    cacheWrite1h: undefined,
  });
  expect(message.error).toBeDefined();
});

test('Anthropic tools run by the provider say so', () => {
  const message = capture(anthropic, 'web-search');
  expect(message.blocks[0]).toMatchObject({ name: 'web_search', providerExecuted: true });
  expect(message.usage).toMatchObject({ input: 2090, output: 44 });
});

test('chat usage includes its parts, and freeform input is one JSON string', () => {
  const message = capture(chat, 'reasoning-and-tools');
  expect(message.usage).toMatchObject({
    input: 1200,
    output: 142,
    cacheRead: 1024,
    reasoning: 64,
    cacheWrite5m: undefined,
  });
  expect(message.blocks.map(({ type }) => type)).toEqual([
    'reasoning',
    'text',
    'tool-input',
    'tool-input',
    'tool-input',
  ]);
  const custom = message.blocks[4];
  expect(custom?.type === 'tool-input' && JSON.parse(custom.json)).toBe('*** Begin "Patch"\n+é\n*** End Patch');
  expect(message.finish).toEqual({ unified: 'tool-calls', raw: 'tool_calls' });
});

test('chat tool calls without index, or all with index 0, stay apart', () => {
  const call = (id: string | undefined, args: string, index?: number): unknown => ({
    choices: [{ delta: { tool_calls: [{ index, id, function: { name: id && `tool_${id}`, arguments: args } }] } }],
  });
  for (const index of [undefined, 0]) {
    const stream = data(call('a', '{"x"', index), call(undefined, ':1}', index), call('b', '{}', index));
    const message = fold(chat, `${stream}data: [DONE]\n\n`);
    expect(message.blocks).toMatchObject([
      { callId: 'a', name: 'tool_a', json: '{"x":1}' },
      { callId: 'b', name: 'tool_b', json: '{}' },
    ]);
  }
});

test('parts larger than their total are added to it', () => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    prompt_tokens_details: { cached_tokens: 30 },
    completion_tokens_details: { reasoning_tokens: 9 },
  };
  expect(fold(chat, data({ choices: [], usage })).usage).toMatchObject({ input: 40, output: 14 });
});

test('embeddings are metered and end', () => {
  const body = { object: 'list', data: [], model: 'e', usage: { prompt_tokens: 8, total_tokens: 8 } };
  const message = foldEvents(chat.decodeResponse(JSON.stringify(body)));
  expect(message).toMatchObject({ model: 'e', usage: { input: 8, output: undefined }, finish: { unified: 'other' } });
});

test('Responses tells each kind of item once', () => {
  for (const name of ['codex-turn', 'final-event-only']) {
    const message = capture(responses, name);
    expect(message.usage).toMatchObject({ input: 5200, output: 310, cacheRead: 4096, reasoning: 192 });
    expect(message.finish).toEqual({ unified: 'tool-calls', raw: 'completed' });
    expect(message.blocks).toMatchObject([
      {
        text: '**Plan**\n\nLook first.\n\nThen write.',
        opaque: { dialect: 'openai-responses', kind: 'encrypted', data: 'gAAAAABo-fixture' },
      },
      { text: 'Writing ünïcode.' },
      { callId: 'call_1', name: 'exec_command', json: '{"cmd":"echo \\"hi\\" > f.txt","yield_time_ms":1000}' },
      { callId: 'call_2', name: 'view_image', json: '{"path":"a.png"}' },
      { callId: 'call_3', name: 'apply_patch', json: JSON.stringify('*** Begin Patch\n+"é"\n*** End Patch') },
      { callId: 'call_4', name: 'local_shell', providerExecuted: false },
      { callId: 'ws_1', name: 'web_search', providerExecuted: true },
    ]);
  }
});

test('Responses ends in finish, or in an error with the provider’s code', () => {
  expect(capture(responses, 'incomplete').finish).toEqual({ unified: 'length', raw: 'max_output_tokens' });
  expect(capture(responses, 'failed').error).toEqual({
    code: 'rate_limit_exceeded',
    message: 'Please try again in 1s.',
  });
  expect(capture(responses, 'error').error?.code).toBe('server_error');
});

test('Gemini adds hosted-tool prompts to input and thoughts to output', () => {
  const message = capture(gemini, 'thoughts-and-calls');
  expect(message.usage).toMatchObject({ input: 950, output: 75, cacheRead: 512, reasoning: 35 });
  expect(message.finish).toEqual({ unified: 'tool-calls', raw: 'STOP' });
  expect(message.blocks).toMatchObject([
    { type: 'reasoning', text: '**Thinking** about it', opaque: undefined },
    { type: 'text', text: "I'll run it 🚀" },
    { type: 'reasoning', text: '', opaque: { kind: 'signature', data: 'c2lnLTE=' } },
    { callId: 'call_Rsp-1_x_0', name: 'run_shell_command', json: '{"command":"echo ß > f.txt"}' },
    { callId: 'given', name: 'read_file', json: '{}' },
  ]);
});

test('Gemini usage behind the finish reason counts; a blocked prompt is filtered', () => {
  expect(capture(gemini, 'late-signature')).toMatchObject({ finish: { unified: 'length' }, usage: { output: 75 } });
  expect(capture(gemini, 'blocked').finish).toEqual({ unified: 'content-filter', raw: 'PROHIBITED_CONTENT' });
});
