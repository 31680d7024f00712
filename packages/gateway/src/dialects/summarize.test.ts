import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { applyEdits } from '../lib/byte-edits.ts';
import type { BodySummary, Dialect } from './dialect.ts';
import { dialects } from './index.ts';

const summarize = (dialect: Dialect, body: unknown): BodySummary =>
  dialect.summarize(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), 'generate');

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof GatewayError ? `${error.code} ${error.param ?? ''}`.trim() : String(error);
  }
}

describe.each(Object.values(dialects))('$id', (dialect) => {
  test('what is not an object is refused', () => {
    for (const body of ['', '[]', '{"model":"x"', '{"a":1}}']) {
      expect(codeOf(() => summarize(dialect, body))).toBe('caller_body_not_json');
    }
  });

  test('never throws anything but a GatewayError', () => {
    const field = fc.constantFrom(
      'model',
      'stream',
      'stream_options',
      'metadata',
      'reasoning',
      'generationConfig',
      'x',
    );
    const body = fc.array(fc.tuple(field, fc.json()), { maxLength: 6 });
    fc.assert(
      fc.property(body, fc.nat({ max: 300 }), (fields, cut) => {
        const text = `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
        for (const each of [text, text.slice(0, cut)]) {
          expect(codeOf(() => summarize(dialect, each))).toMatch(
            /^(none|caller_body_(not_json|invalid \w+))$|^caller_body_not_json/,
          );
        }
      }),
    );
  });
});

const named = Object.values(dialects).filter((dialect) => dialect.id !== 'gemini');

describe.each(named)('$id', (dialect) => {
  test('reads model and stream', () => {
    const summary = summarize(
      dialect,
      '{"messages":[{"model":"no"}],"stream":true,"mod\\u0065l":"system.ai.\\u0067pt"}',
    );
    expect(summary).toMatchObject({ model: 'system.ai.gpt', stream: true });
    expect(summarize(dialect, { model: 'm', messages: [] }).stream).toBe(false);
    expect(summarize(dialect, { messages: [] }).model).toBeUndefined();
  });

  test('refuses fields that parsers may read differently', () => {
    expect(codeOf(() => summarize(dialect, '{"model":"a","model":"b"}'))).toBe('caller_body_invalid model');
    expect(codeOf(() => summarize(dialect, '{"model":"a","m\\u006fdel":"b"}'))).toBe('caller_body_invalid model');
    expect(codeOf(() => summarize(dialect, '{"model":"a","stream":true,"stream":false}'))).toBe(
      'caller_body_invalid stream',
    );
    expect(codeOf(() => summarize(dialect, { model: 1 }))).toBe('caller_body_invalid model');
    expect(codeOf(() => summarize(dialect, { model: 'a', stream: 'yes' }))).toBe('caller_body_invalid stream');
  });

  test('the edits change what they name and keep every other byte', () => {
    const options = fc.option(
      fc.oneof(
        fc.record({ include_usage: fc.oneof(fc.boolean(), fc.constant(null)) }, { requiredKeys: [] }),
        fc.constant(null),
      ),
      { nil: undefined },
    );
    const body = fc.record({
      a: fc.jsonValue(),
      model: fc.string(),
      stream: fc.boolean(),
      stream_options: options,
      messages: fc.jsonValue(),
    });
    fc.assert(
      fc.property(body, fc.string(), fc.constantFrom(undefined, 1, '\t'), (value, newModel, space) => {
        const bytes = Buffer.from(JSON.stringify(value, null, space));
        const summary = dialect.summarize(bytes, 'generate');
        const model = { name: 'model' as const, range: summary.modelRange!, bytes: JSON.stringify(newModel) };
        const edited = Buffer.concat(applyEdits(bytes, [...summary.meteringEdits, model]));
        const again = dialect.summarize(edited, 'generate');
        expect(again.model).toBe(newModel);
        expect(again.meteringEdits).toEqual([]);
        const parsed = JSON.parse(edited.toString()) as Record<string, unknown>;
        const expected = JSON.parse(bytes.toString()) as Record<string, unknown>;
        expected['model'] = newModel;
        if (summary.meteringEdits.length > 0) {
          expected['stream_options'] = { ...(expected['stream_options'] as object | null), include_usage: true };
        }
        expect(parsed).toEqual(expected);
        // Taking the edits back gives the body to the byte.
        let restored = edited;
        for (const { range, bytes: put } of [...summary.meteringEdits, model].toSorted(
          (x, y) => x.range.start - y.range.start,
        )) {
          const back = { start: range.start, end: range.start + Buffer.byteLength(put) };
          const old = bytes.toString('utf8', range.start, range.end);
          restored = Buffer.concat(applyEdits(restored, [{ range: back, bytes: old }]));
        }
        expect(restored.equals(bytes)).toBe(true);
      }),
    );
  });
});

test('chat asks for usage exactly when a stream would not tell it', () => {
  const edit = (text: string): string => {
    const body = Buffer.from(text);
    return Buffer.concat(
      applyEdits(body, dialects['openai-chat'].summarize(body, 'generate').meteringEdits),
    ).toString();
  };
  expect(edit('{"stream":true }')).toBe('{"stream":true ,"stream_options":{"include_usage":true}}');
  expect(edit('{"stream":true,"stream_options":null}')).toBe('{"stream":true,"stream_options":{"include_usage":true}}');
  expect(edit('{"stream":true,"stream_options":{ }}')).toBe('{"stream":true,"stream_options":{ "include_usage":true}}');
  expect(edit('{"stream":true,"stream_options":{"x":1}}')).toBe(
    '{"stream":true,"stream_options":{"x":1,"include_usage":true}}',
  );
  expect(edit('{"stream":true,"stream_options":{"include_usage":false}}')).toBe(
    '{"stream":true,"stream_options":{"include_usage":true}}',
  );
  for (const same of [
    '{"stream":true,"stream_options":{"include_usage":true}}',
    '{"stream":false}',
    '{}',
    '{"stream":true,"stream_options":7}',
    '{"stream":true,"input":"hi"}',
  ]) {
    expect(edit(same)).toBe(same);
  }
  expect(codeOf(() => edit('{"stream":true,"stream_options":{},"stream_options":{}}'))).toBe(
    'caller_body_invalid stream_options',
  );
});

test('chat tells a Responses-shaped body', () => {
  const chat = dialects['openai-chat'];
  expect(summarize(chat, { model: 'm', input: [] }).shape).toBe('responses');
  expect(summarize(chat, { model: 'm', messages: [] }).shape).toBeUndefined();
  expect(chat.summarize(Buffer.from('{"input":"x"}'), 'embeddings').shape).toBeUndefined();
});

test('effort and session are read where each dialect keeps them', () => {
  const { 'openai-chat': chat, 'openai-responses': responses, 'anthropic-messages': anthropic, gemini } = dialects;
  expect(summarize(chat, { reasoning_effort: 'low', prompt_cache_key: 'k' })).toMatchObject({
    reasoningEffort: 'low',
    sessionHint: 'k',
  });
  expect(
    summarize(responses, { reasoning: { summary: 'auto', effort: 'xhigh' }, prompt_cache_key: 'k' }),
  ).toMatchObject({
    reasoningEffort: 'xhigh',
    sessionHint: 'k',
  });
  const userId = JSON.stringify({ device_id: 'd', session_id: 'b6f0' });
  expect(summarize(anthropic, { output_config: { effort: 'high' }, metadata: { user_id: userId } })).toMatchObject({
    reasoningEffort: 'high',
    sessionHint: 'b6f0',
  });
  expect(summarize(anthropic, { metadata: { user_id: 'user_1_account__session_0a-1b' } }).sessionHint).toBe('0a-1b');
  expect(summarize(anthropic, { metadata: { user_id: 'someone' } }).sessionHint).toBeUndefined();
  expect(summarize(gemini, { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH' } } }).reasoningEffort).toBe(
    'HIGH',
  );
  expect(summarize(gemini, { model: 'ignored', stream: 5 })).toMatchObject({ model: undefined, stream: false });
});
