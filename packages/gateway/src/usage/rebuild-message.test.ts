import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dialects } from '../dialects/index.ts';
import type { DialectId } from '../dialects/dialect.ts';
import { SseParser } from '../framing/sse.ts';
import { foldEvents, type FoldedMessage } from '../ir/laws.ts';
import { rebuildMessage } from './rebuild-message.ts';

const folder = (dialect: string) => new URL(`../dialects/${dialect}/captures/`, import.meta.url);
const read = (dialect: string, file: string) => readFileSync(new URL(file, folder(dialect)));
const rebuilt = (dialect: DialectId, events: Buffer | string): any =>
  JSON.parse(rebuildMessage(dialect, Buffer.from(events)) ?? 'null');

function foldStream(dialect: DialectId, stream: Buffer): FoldedMessage {
  const decoder = dialects[dialect].streamDecoder();
  const parser = new SseParser();
  const frames = [...parser.push(stream), ...parser.end()];
  return foldEvents([...frames.flatMap((frame) => decoder.step(frame)), ...decoder.end()]);
}

const streams = Object.values(dialects).flatMap(({ id }) =>
  readdirSync(folder(id))
    .filter((name) => name.endsWith('.sse') && !/^(?:error|overloaded)/.test(name))
    .map((name) => [id, name] as const),
);

test('there are captured streams of every dialect', () => {
  expect(streams.length).toBeGreaterThanOrEqual(10);
  expect(new Set(streams.map(([id]) => id)).size).toBe(4);
});

test.each(streams)('%s %s: the rebuilt message means what the stream meant', (id, name) => {
  const stream = read(id, name);
  const whole = rebuildMessage(id, stream)!;
  const { blocks, ...told } = foldEvents(dialects[id].decodeResponse(whole));
  const { blocks: streamed, ...rest } = foldStream(id, stream);
  expect(told).toEqual(rest);
  expect(blocks.map((block) => ({ ...block, id: '' }))).toEqual(streamed.map((block) => ({ ...block, id: '' })));
});

test.each(['thinking-and-tools'])('Anthropic %s is the JSON answer, field by field', (name) => {
  const id = 'anthropic-messages';
  expect(rebuilt(id, read(id, `${name}.sse`))).toEqual(JSON.parse(read(id, `${name}.json`).toString()));
});

test.each(['late-signature', 'thoughts-and-calls', 'blocked'])(
  'Gemini %s is the JSON answer, field by field',
  (name) => {
    expect(rebuilt('gemini', read('gemini', `${name}.sse`))).toEqual(
      JSON.parse(read('gemini', `${name}.json`).toString()),
    );
  },
);

test('Anthropic search results and citations are kept', () => {
  const message = rebuilt('anthropic-messages', read('anthropic-messages', 'web-search.sse'));
  expect(message.content[1]).toMatchObject({
    type: 'web_search_tool_result',
    content: [{ encrypted_content: 'Zm9v' }],
  });
  expect(message.content[2].citations).toEqual([{ type: 'web_search_result_location', url: 'https://example.org/a' }]);
});

test('a Responses stream ends with its message', () => {
  const message = rebuilt('openai-responses', read('openai-responses', 'codex-turn.sse'));
  expect(message).toMatchObject({ object: 'response', status: 'completed', usage: { total_tokens: 5510 } });
  expect(message.output.length).toBeGreaterThan(4);
});

describe('a stream that broke off', () => {
  const half = (dialect: DialectId, name: string, share: number) => {
    const bytes = read(dialect, name);
    return rebuilt(dialect, bytes.subarray(0, Math.floor(bytes.length * share)));
  };

  test('gives what was told of an Anthropic message, with the input of a tool as far as it came', () => {
    const message = half('anthropic-messages', 'thinking-and-tools.sse', 0.75);
    expect(message).toMatchObject({
      id: 'msg_01FixtureA1',
      stop_reason: null,
      content: [{ type: 'thinking' }, {}, {}, {}],
    });
    expect(typeof message.content[3].input).toBe('string');
    expect(message.content[3].input).toMatch(/^\{"command":"prin/);
  });

  test('gives what was told of a chat completion', () => {
    const message = half('openai-chat', 'reasoning-and-tools.sse', 0.6);
    expect(message).toMatchObject({
      object: 'chat.completion',
      choices: [
        {
          finish_reason: null,
          message: { role: 'assistant', content: 'Running it.', reasoning_content: 'Need a shell.' },
        },
      ],
    });
  });

  test('gives what was told of a response', () => {
    const events = [
      { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item: { id: 'rs', type: 'reasoning', summary: [] } },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'Hm' },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: '.' },
      { type: 'response.output_item.done', output_index: 0, item: { id: 'rs', type: 'reasoning', summary: ['whole'] } },
      { type: 'response.output_item.added', output_index: 1, item: { id: 'm', type: 'message', content: [] } },
      { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'Hal' },
      { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'lo' },
      { type: 'response.output_item.added', output_index: 2, item: { type: 'function_call', arguments: '' } },
      { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"a' },
    ];
    const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
    expect(rebuilt('openai-responses', text)).toEqual({
      id: 'resp_1',
      status: 'in_progress',
      output: [
        { id: 'rs', type: 'reasoning', summary: ['whole'] },
        { id: 'm', type: 'message', content: [{ type: 'output_text', text: 'Hallo' }] },
        { type: 'function_call', arguments: '{"a' },
      ],
    });
  });
});

test('two chat calls under one index stay two', () => {
  const call = (id: string, name: string) => ({
    choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id, function: { name, arguments: '{}' } }] } }],
  });
  const text = [call('a', 'one'), call('b', 'two')].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
  const { tool_calls: calls } = rebuilt('openai-chat', text).choices[0].message;
  expect(calls).toMatchObject([
    { id: 'a', function: { name: 'one' } },
    { id: 'b', function: { name: 'two' } },
  ]);
});

test('what is no stream of the dialect gives nothing, and nothing is thrown', () => {
  for (const { id } of Object.values(dialects)) {
    expect(rebuildMessage(id, Buffer.from(''))).toBeUndefined();
    expect(rebuildMessage(id, Buffer.from('data: [1]\n\ndata: x\n\n: c\n\n'))).toBeUndefined();
    expect(() => rebuildMessage(id, Buffer.from(`data: {"choices":${'['.repeat(1e5)}\n\n`))).not.toThrow();
    rebuildMessage(id, Buffer.from('data: {"__proto__":{"x":1},"choices":[{"delta":{"__proto__":{"y":2}}}]}\n\n'));
    expect(({} as any).x ?? ({} as any).y).toBeUndefined();
  }
});
