import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { dialects } from '../dialects/index.ts';
import type { DialectId } from '../dialects/dialect.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { AnswerEnd } from './answer-sink.ts';
import { BodyCapture } from './body-capture.ts';
import { Caller } from './caller.ts';
import { StreamSink } from './stream-sink.ts';

function harness(
  dialect: DialectId,
  options: { hold?: boolean; settle?: (end: AnswerEnd) => Promise<void>; capture?: BodyCapture } = {},
) {
  const written: string[] = [];
  const ends: AnswerEnd[] = [];
  let ended = false;
  const response = {
    destroyed: false,
    write: (bytes: Buffer | string) => (written.push(bytes.toString()), true),
    end: (bytes?: Buffer | string) => {
      if (bytes !== undefined) written.push(bytes.toString());
      ended = true;
    },
    once: () => {},
  } as unknown as ServerResponse;
  const flow = { pause: vi.fn(), resume: vi.fn() };
  const onContent = vi.fn();
  const sink = new StreamSink({
    dialect: dialects[dialect],
    caller: new Caller(response, flow, 1000, () => {}),
    flow,
    requestId: 'r-1',
    status: 200,
    observed: true,
    keepaliveMs: 60_000,
    holdForContent: options.hold ?? false,
    onContent,
    capture: options.capture,
    settle: options.settle ?? (async (end) => void ends.push(end)),
    onObserverFailure: (error) => {
      throw error;
    },
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { sink, written, ends, flow, onContent, settle, text: () => written.join(''), isEnded: () => ended };
}

const start =
  'event: message_start\ndata: {"type":"message_start","message":{"id":"m","model":"x","usage":{"input_tokens":3,"output_tokens":1}}}\n\n';
const block =
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n';
const delta =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\n';
const close =
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\nevent: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}\n\n';
const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
const whole = start + block + delta + close + stop;

describe('StreamSink', () => {
  it('passes the bytes exactly, however they are cut, and settles before the last of them', async () => {
    for (const size of [1, 7, 100, whole.length]) {
      const h = harness('anthropic-messages');
      for (let at = 0; at < whole.length; at += size) h.sink.data(Buffer.from(whole.slice(at, at + size)));
      h.sink.end();
      await h.settle();
      expect(h.text()).toBe(whole);
      expect(h.isEnded()).toBe(true);
      expect(h.ends).toHaveLength(1);
      expect(h.ends[0]).toMatchObject({
        status: 200,
        errorCode: undefined,
        observation: { usage: { input: 3, output: 2 } },
      });
    }
  });

  it('holds the terminal event back until the record is on disk', async () => {
    let onDisk = (): void => {};
    const h = harness('anthropic-messages', { settle: () => new Promise((resolve) => (onDisk = resolve)) });
    h.sink.data(Buffer.from(whole.slice(0, -stop.length)));
    h.sink.data(Buffer.from(stop));
    await h.settle();
    expect(h.text()).not.toContain('message_stop');
    expect(h.flow.pause).toHaveBeenCalledOnce();
    onDisk();
    await h.settle();
    expect(h.text()).toBe(whole);
    expect(h.flow.resume).toHaveBeenCalledOnce();
  });

  it('answers a cut with an error event between events, never inside one', async () => {
    const h = harness('anthropic-messages');
    h.sink.data(Buffer.from(start + block + delta.slice(0, 30)));
    h.sink.fail(new GatewayError('provider_stream_cut', 'cut'));
    await h.settle();
    expect(h.text().startsWith(`${start}${block}event: error\n`)).toBe(true);
    expect(h.ends[0]).toMatchObject({ errorCode: 'provider_stream_cut' });
    expect(h.isEnded()).toBe(true);
  });

  it('takes an early clean end for a cut', async () => {
    const h = harness('openai-chat');
    h.sink.data(Buffer.from('data: {"id":"c","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'));
    h.sink.end();
    await h.settle();
    expect(h.ends[0]).toMatchObject({ errorCode: 'provider_stream_cut' });
    expect(h.text()).toContain('"error"');
  });

  it('lets a huge unfinished event through instead of keeping it', () => {
    const h = harness('openai-chat');
    h.sink.data(Buffer.from(`data: {"x":"${'a'.repeat(200_000)}`));
    expect(h.text().length).toBeGreaterThan(200_000);
  });

  it('with a first-token timeout, sends nothing until the model has spoken', () => {
    const h = harness('anthropic-messages', { hold: true });
    h.sink.data(Buffer.from(start));
    h.sink.data(Buffer.from(block));
    expect(h.text()).toBe('');
    expect(h.sink.holding).toBe(true);
    h.sink.data(Buffer.from(delta));
    expect(h.onContent).toHaveBeenCalledOnce();
    expect(h.text()).toBe(start + block + delta);
  });

  it('records a caller that left as 499, once', async () => {
    const h = harness('anthropic-messages');
    h.sink.data(Buffer.from(start + block + delta));
    h.sink.callerLeft();
    h.sink.callerLeft();
    await h.settle();
    expect(h.ends).toHaveLength(1);
    expect(h.ends[0]).toMatchObject({ status: 499, errorCode: 'caller_disconnected', observation: { textLength: 2 } });
  });

  it('keeps the events for the payload row up to the settlement, however they are cut', async () => {
    for (const size of [1, 7, 100, whole.length]) {
      const capture = new BodyCapture(true);
      let atSettlement = '';
      const settle = async (): Promise<void> => void (atSettlement = String(capture.body()));
      const h = harness('anthropic-messages', { capture, settle });
      for (let at = 0; at < whole.length; at += size) h.sink.data(Buffer.from(whole.slice(at, at + size)));
      h.sink.end();
      await h.settle();
      expect(h.text()).toBe(whole);
      expect(atSettlement.trimEnd()).toBe(whole.trimEnd());
    }
  });

  it('keeps the error that ends a broken stream, as the caller sees it', async () => {
    const capture = new BodyCapture(true);
    const h = harness('anthropic-messages', { capture });
    h.sink.data(Buffer.from(start + block));
    h.sink.fail(new GatewayError('provider_stream_cut', 'cut'));
    await h.settle();
    expect(h.text()).toContain('event: error');
    expect(String(capture.body())).toBe(h.text());
  });
});
