import { afterEach, describe, expect, it } from 'vitest';
import type { ExportRequest } from './decode/decode-export.ts';
import { DecoderPool, type DecoderPoolOptions } from './decoder-pool.ts';
import { logsRequest, parseRows, receivedAt } from './testing/decoded-rows.ts';
import { encodeOtlp } from './testing/otlp-proto.ts';

const pools: DecoderPool[] = [];

function open(options: Partial<DecoderPoolOptions> = {}): DecoderPool {
  const pool = new DecoderPool({
    workerFile: new URL('./decode-worker.ts', import.meta.url),
    inlineBytes: 0,
    ...options,
  });
  pools.push(pool);
  return pool;
}

const crashing = new URL('./testing/crashing-worker.ts', import.meta.url);

function job(body: Buffer, encoding: 'protobuf' | 'json' = 'protobuf'): ExportRequest {
  return { signal: 'logs', version: 'v1', encoding, body: Uint8Array.from(body), receivedAt };
}

function logs(text: string): ExportRequest {
  return job(encodeOtlp('logs', logsRequest({ body: { stringValue: text } })));
}

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

describe('DecoderPool', () => {
  it('decodes in a worker, and gives every caller its own rows', async () => {
    const pool = open();
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    const decoded = await Promise.all(texts.map((text) => pool.decode(logs(text))));
    expect(decoded.map((one) => parseRows(one)[0]!['body'])).toEqual(texts);
  });

  it('decodes small bodies without one', async () => {
    const pool = open({ inlineBytes: 8192, workerFile: new URL('./not-there.ts', import.meta.url) });
    expect((await pool.decode(logs('small'))).rows).toBe(1);
  });

  it('passes refusals on as they are', async () => {
    await expect(open().decode(job(Buffer.of(0x0b)))).rejects.toMatchObject({
      code: 'caller_otlp_invalid',
      status: 400,
    });
  });

  it('refuses with 429 what does not fit into the queue', async () => {
    const pool = open({ queueBytes: 100 });
    const large = pool.decode(logs('x'.repeat(1000)));
    await expect(pool.decode(logs('y'))).rejects.toMatchObject({ status: 429, retryAfterSeconds: 1 });
    expect((await large).rows).toBe(1);
    expect((await pool.decode(logs('z'))).rows).toBe(1);
  });

  it('starts again after a crash; what the worker had may be tried again, what waited goes on', async () => {
    const pool = open({ workerFile: crashing });
    const lost = [pool.decode(job(Buffer.from('"crash"'), 'json')), ...[1, 2, 3].map(() => pool.decode(logs('lost')))];
    const waiting = pool.decode(logs('waiting'));
    for (const result of await Promise.allSettled(lost))
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'gateway_lake_unavailable', status: 503 } });
    expect((await waiting).rows).toBe(1);
  });

  it('refuses a request that takes all memory for good', async () => {
    const pool = open({ workerFile: crashing, heapMegabytes: 32 });
    await expect(pool.decode(job(Buffer.from('"eat"'), 'json'))).rejects.toMatchObject({ status: 413 });
    expect((await pool.decode(logs('next'))).rows).toBe(1);
  });

  it('fails what is under way when it is closed', async () => {
    const pool = open();
    const decoding = pool.decode(logs('late'));
    const settled = expect(decoding).rejects.toMatchObject({ code: 'gateway_shutting_down' });
    await pool.close();
    await settled;
    await expect(pool.decode(logs('later'))).rejects.toMatchObject({ code: 'gateway_shutting_down' });
  });
});
