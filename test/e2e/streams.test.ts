import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachDialect } from './support/dialect-cases.ts';
import { sendOnly } from './support/http-stream.ts';
import { scriptedModel, startScriptedGateway, type ScriptedGateway } from './support/scripted-gateway.ts';
import { saysNothing, speaks, streams, streamsThen } from './support/scripts.ts';
import { waitFor } from './support/wait-for.ts';

describe.each(eachDialect)('%s', (name, dialect) => {
  const model = scriptedModel(dialect.block);
  const ask = dialect.ask({ model, text: 'Tell me a story about a gateway, please.', stream: true });
  let lab: ScriptedGateway;
  beforeAll(async () => {
    lab = await startScriptedGateway(() => ({
      server: { keepalive_interval: '200ms', idle_timeout: '3s', first_byte_timeout: '1500ms', max_attempts: 1 },
    }));
  });
  afterAll(() => lab?.stop());

  it('passes each event on before the next one exists', async () => {
    let next: (() => void) | undefined;
    lab.upstream.play(async (_received, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of dialect.events) {
        response.write(event);
        await new Promise<void>((resolve) => (next = resolve));
      }
      response.end();
    });
    const stream = await lab.open(ask.path, { body: ask.body });
    for (const event of dialect.events) {
      await stream.until(event);
      await waitFor('the provider to wait', () => next);
      next!();
    }
    expect(await stream.finished()).toBe('end');
    expect(await lab.newUsage()).toMatchObject([{ status_code: 200, error_code: null, is_final: true }]);
  });

  it(
    dialect.keepalive === undefined
      ? 'sends no keepalive'
      : 'sends keepalives while the provider is silent, and they do not hide its death',
    async () => {
      lab.upstream.play(streamsThen(dialect, 1, 'hang'));
      const stream = await lab.open(ask.path, { body: ask.body });
      await stream.until(dialect.events[0]!);
      expect(await stream.finished()).toBe('end');
      const rest = stream.text().slice(dialect.events[0]!.length);
      if (dialect.keepalive === undefined) expect(rest).not.toMatch(/^:/m);
      else expect(rest.split(dialect.keepalive).length).toBeGreaterThan(2);
      expect(rest).toMatch(dialect.streamError);
      const [record] = await lab.newUsage();
      expect(record).toMatchObject({ error_code: 'provider_stream_idle', is_final: true });
      await waitFor('the provider to be let go', () => lab.upstream.requests[0]!.aborted);
    },
  );

  it.each(['cut', 'clean-end'] as const)('tells in the stream when the provider ends it early (%s)', async (how) => {
    lab.upstream.play(streamsThen(dialect, 1, how));
    const stream = await lab.open(ask.path, { body: ask.body });
    expect(await stream.finished()).toBe('end');
    expect(stream.text().startsWith(dialect.events[0]!)).toBe(true);
    expect(stream.text()).toMatch(dialect.streamError);
    expect(await lab.newUsage()).toMatchObject([{ error_code: 'provider_stream_cut', is_final: true }]);
  });

  it('tells in the stream when the provider is cut inside an event', async () => {
    lab.upstream.play((_received, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(dialect.events[0]! + dialect.events[1]!.slice(0, 30));
      setTimeout(() => response.destroy(), 50);
    });
    const stream = await lab.open(ask.path, { body: ask.body });
    expect(await stream.finished()).toBe('end');
    const frames = stream
      .text()
      .split(/\r?\n\r?\n/)
      .filter((frame) => frame !== '' && !frame.startsWith(':'));
    expect(frames.some((frame) => dialect.streamError.test(frame))).toBe(true);
    await lab.newUsage();
  });

  it('leaves the provider when the caller leaves, and meters what was said', async () => {
    lab.upstream.play(streamsThen(dialect, name === 'gemini' ? 1 : 2, 'hang'));
    const stream = await lab.open(ask.path, { body: ask.body });
    await stream.until(dialect.events[0]!);
    stream.leave();
    await waitFor('the provider to be let go', () => lab.upstream.requests[0]!.aborted);
    const [record] = await lab.newUsage();
    expect(record).toMatchObject({
      status_code: 499,
      error_code: 'caller_disconnected',
      tokens_estimated: true,
      is_final: true,
    });
    expect(record!.input_tokens).toBeGreaterThan(0);
  });

  it('leaves the provider when the caller leaves before the first byte', async () => {
    lab.upstream.play(saysNothing);
    const leave = sendOnly(lab.gateway.url + ask.path, { body: ask.body, token: lab.gateway.token });
    const received = await waitFor('the request to arrive', () => lab.upstream.requests[0]);
    leave();
    await waitFor('the provider to be let go', () => received.aborted);
    expect(await lab.newUsage()).toMatchObject([{ status_code: 499, error_code: 'caller_disconnected' }]);
  });

  it('counts a caller that leaves on the terminal event as served', async () => {
    const last = dialect.events.length - 1;
    lab.upstream.play((_received, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(dialect.events.join(''));
    });
    const stream = await lab.open(ask.path, { body: ask.body });
    await stream.until(dialect.terminal);
    expect(stream.text()).toContain(dialect.events[last]!.slice(0, 20));
    stream.leave();
    const [record] = await lab.newUsage();
    expect(record).toMatchObject({
      status_code: 200,
      error_code: null,
      input_tokens: 20,
      output_tokens: 4,
      total_tokens: 24,
      tokens_estimated: false,
    });
    expect(record!.token_details.cache_read_input_tokens).toBe(8);
  });

  it('answers 504 when no first byte comes', async () => {
    lab.upstream.play(saysNothing);
    const result = await lab.call(ask.path, { body: ask.body });
    expect(result.status).toBe(504);
    dialect.error(result);
    await waitFor('the provider to be let go', () => lab.upstream.requests[0]!.aborted);
    expect(await lab.newUsage()).toMatchObject([{ error_code: 'provider_timeout', status_code: 504 }]);
  });

  it('passes an error that the provider sends in the stream, and records it', async () => {
    const error: Record<string, string> = {
      'openai-chat': 'data: {"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}\n\n',
      'openai-responses':
        'event: response.failed\ndata: {"type":"response.failed","sequence_number":1,"response":{"id":"r-1","status":"failed","error":{"code":"server_error","message":"overloaded"}}}\n\n',
      'anthropic-messages':
        'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"overloaded"}}\n\n',
      gemini: 'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\r\n\r\n',
    };
    lab.upstream.play(streams([dialect.events[0]!, error[name]!]));
    const stream = await lab.open(ask.path, { body: ask.body });
    await stream.finished();
    expect(stream.text().startsWith(dialect.events[0]! + error[name]!)).toBe(true);
    expect((await lab.newUsage())[0]!.error_code).not.toBeNull();
  });

  it('still serves after all that', async () => {
    lab.upstream.play(speaks(dialect, true));
    expect((await lab.call(ask.path, { body: ask.body })).text).toBe(dialect.events.join(''));
  });
});

describe('back-pressure', () => {
  it('holds the provider back while the caller does not read, and does not grow', async () => {
    const lab = await startScriptedGateway();
    try {
      const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(32_000) }, finish_reason: null }] })}\n\n`;
      let sent = 0;
      const total = 200 * 1024 * 1024;
      lab.upstream.play(async (received, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        while (sent < total && !received.aborted) {
          sent += event.length;
          if (!response.write(event))
            await Promise.race([
              new Promise((resolve) => response.once('drain', resolve)),
              new Promise((resolve) => response.once('close', resolve)),
            ]);
        }
        response.end('data: [DONE]\n\n');
      });
      const before = await residentBytes(lab);
      const stream = await lab.open('/ai-gateway/openai/v1/chat/completions', {
        body: JSON.stringify({ model: scriptedModel('custom'), messages: [], stream: true }),
      });
      stream.pause();
      const settled = await waitFor('the provider to be held back', async () => {
        const at = sent;
        await sleep(500);
        return at === sent && at > 0 && at;
      });
      expect(settled).toBeLessThan(total / 4);
      expect((await residentBytes(lab)) - before).toBeLessThan(60 * 1024 * 1024);
      stream.resume();
      await waitFor('the provider to go on', () => sent > settled);
      stream.leave();
      expect(await lab.newUsage()).toMatchObject([{ status_code: 499 }]);
    } finally {
      await lab.stop();
    }
  });
});

/** Resident memory of the gateway in bytes, as the system counts it. */
async function residentBytes(lab: ScriptedGateway): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(lab.gateway.pid)]);
  return Number(stdout.trim()) * 1024;
}
