import type { ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { dialects } from '../dialects/index.ts';
import type { AnswerEnd } from './answer-sink.ts';
import { BodyCapture } from './body-capture.ts';
import { Caller } from './caller.ts';
import { JsonSink } from './json-sink.ts';

function harness(options: { observed: boolean; capture?: BodyCapture }) {
  const written: string[] = [];
  const ends: AnswerEnd[] = [];
  const response = {
    destroyed: false,
    write: (bytes: Buffer) => (written.push(bytes.toString()), true),
    end: (bytes?: Buffer) => bytes !== undefined && written.push(bytes.toString()),
  } as unknown as ServerResponse;
  const sink = new JsonSink({
    dialect: dialects['anthropic-messages'],
    caller: new Caller(response, { pause: () => {}, resume: () => {} }, 1000, () => {}),
    status: 200,
    settle: async (end) => void ends.push(end),
    destroy: vi.fn(),
    ...options,
  });
  return { sink, ends, text: () => written.join('') };
}

test.each([true, false])('the answer passes and is kept whole (observed: %s)', async (observed) => {
  const capture = new BodyCapture(true);
  const { sink, ends, text } = harness({ observed, capture });
  for (const piece of ['{"ty', 'pe":"mes', 'sage"}']) sink.data(Buffer.from(piece));
  sink.end();
  await vi.waitFor(() => expect(text()).toBe('{"type":"message"}'));
  expect(String(capture.body())).toBe('{"type":"message"}');
  expect(ends).toHaveLength(1);
});

test('without a capture it passes all the same', async () => {
  const { sink, text } = harness({ observed: false });
  sink.data(Buffer.from('{}'));
  sink.end();
  await vi.waitFor(() => expect(text()).toBe('{}'));
});
