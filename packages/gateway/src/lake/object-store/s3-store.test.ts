import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeS3Place, type S3Place } from './testing/s3-place.ts';
import { storeLaws } from './testing/store-laws.ts';

storeLaws('S3Store', () => makeS3Place());

describe('S3Store', () => {
  let place: S3Place;

  beforeEach(async () => {
    place = await makeS3Place();
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await place.remove();
  });

  it('keeps its objects below the prefix and sees no others', async () => {
    const store = await place.open();
    const outside = await place.open({ root: `s3://${place.double.bucket}` });
    await store.putIfAbsent('t/a', Buffer.from('x'));
    await outside.putIfAbsent('lake/test2/b', Buffer.from('x'));
    expect([...place.double.objects.keys()].toSorted()).toEqual(['lake/test/t/a', 'lake/test2/b']);
    expect(await keysOf(store)).toEqual(['t/a']);
    expect(await keysOf(outside)).toEqual(['lake/test/t/a', 'lake/test2/b']);
    expect(store.description).toBe(`s3://${place.double.bucket}/lake/test`);
    expect(store.uri('t/a')).toBe(`s3://${place.double.bucket}/lake/test/t/a`);
    expect(outside.uri('t/a')).toBe(`s3://${place.double.bucket}/t/a`);
  });

  it('signs every body and asks for no checksums that other stores do not know', async () => {
    const store = await place.open();
    await store.putIfAbsent('a', Buffer.alloc(3 * 1024 * 1024));
    await store.put('b', Buffer.from('x'));
    for (const { headers } of place.double.requests) {
      expect(headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.keys(headers).filter((name) => /checksum|trailer|expect/.test(name))).toEqual([]);
    }
  });

  it('lists over pages, without the markers of directories', async () => {
    const store = await place.open();
    await store.put('t/seed', Buffer.from('12345'));
    const object = place.double.objects.get('lake/test/t/seed')!;
    const keys = Array.from({ length: 2_500 }, (_, index) => `t/p+${String(index).padStart(4, '0')} é&<%41`);
    for (const key of keys) place.double.objects.set(`lake/test/${key}`, object);
    for (const key of ['t/', 't/empty/', 't//double']) place.double.objects.set(`lake/test/${key}`, object);
    expect(await keysOf(store, 't/')).toEqual([...keys, 't/seed']);
    expect(await keysOf(store, 't/', keys[1_200])).toEqual([...keys.slice(1_201), 't/seed']);
  });

  it('uploads large files in parts', async () => {
    const store = await place.open({ multipart: { above: 1_000_000, part: 5 * 1024 * 1024 } });
    const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)));
    const large = Buffer.concat(
      Array.from({ length: 200 }, (_, index) => Buffer.concat([Buffer.from([index]), bytes])),
    );
    const file = path.join(place.scratch, 'large');
    await writeFile(file, large);
    await store.putFile('t/large.parquet', file);
    expect((await store.get('t/large.parquet'))?.equals(large)).toBe(true);
    expect(place.double.requests.filter(({ operation }) => operation === 'UploadPart')).toHaveLength(3);
    expect(place.double.uploads.size).toBe(0);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('gives up the parts of an upload that fails, and keeps the local file', async () => {
    place.double.setFault(({ query }) =>
      query.get('partNumber') === '2' ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined,
    );
    const store = await place.open({ multipart: { above: 1_000_000, part: 5 * 1024 * 1024 } });
    const file = path.join(place.scratch, 'large');
    await writeFile(file, Buffer.alloc(12_000_000));
    await expect(store.putFile('t/large.parquet', file)).rejects.toMatchObject({ code: 'gateway_lake_unavailable' });
    expect(place.double.uploads.size).toBe(0);
    expect(place.double.objects.size).toBe(0);
    expect((await stat(file)).size).toBe(12_000_000);
  });

  it('finishes an upload whose last answer was lost', async () => {
    let lost = false;
    place.double.setFault(({ operation }) => {
      if (operation !== 'CompleteMultipartUpload' || lost) return undefined;
      lost = true;
      return { kind: 'apply-then-die' };
    });
    const store = await place.open({ multipart: { above: 1_000_000, part: 5 * 1024 * 1024 } });
    const file = path.join(place.scratch, 'large');
    await writeFile(file, Buffer.alloc(7_000_000, 'z'));
    await store.putFile('t/large.parquet', file);
    expect(lost).toBe(true);
    expect(place.double.objects.get('lake/test/t/large.parquet')?.bytes.length).toBe(7_000_000);
  });

  it('does not fetch what it has just written, and fetches the files of others once', async () => {
    const [writer, reader] = [await place.open(), await place.open()];
    const file = path.join(place.scratch, 'part');
    await writeFile(file, 'rows');
    await writer.putFile('t/part.parquet', file);
    expect(await readFile(await writer.localPath('t/part.parquet'), 'utf8')).toBe('rows');
    expect(operations(place)).not.toContain('GetObject');
    const paths = await Promise.all([1, 2, 3].map(() => reader.localPath('t/part.parquet')));
    expect(new Set(paths).size).toBe(1);
    expect(await readFile(paths[0]!, 'utf8')).toBe('rows');
    await reader.localPath('t/part.parquet');
    expect(operations(place).filter((operation) => operation === 'GetObject')).toHaveLength(1);
    await expect(reader.localPath('t/none.parquet')).rejects.toThrow(
      /Could not read a data file: .* answers 404 NoSuchKey/,
    );
  });

  it('deletes a thousand at a time, and one by one where the store cannot', async () => {
    const store = await place.open();
    const keys = Array.from({ length: 1_500 }, (_, index) => `k/${index} <&>"'`);
    await store.put('seed', Buffer.from('x'));
    const object = place.double.objects.get('lake/test/seed')!;
    const fill = (): void => keys.forEach((key) => place.double.objects.set(`lake/test/${key}`, object));
    fill();
    await store.delete(keys);
    expect(await keysOf(store)).toEqual(['seed']);
    expect(operations(place).filter((operation) => operation.startsWith('Delete'))).toEqual([
      'DeleteObjects',
      'DeleteObjects',
    ]);
    fill();
    place.double.setFault(({ operation }) =>
      operation === 'DeleteObjects' ? { kind: 'answer', status: 501, code: 'NotImplemented' } : undefined,
    );
    await store.delete(keys.slice(0, 40));
    await store.delete(keys.slice(40, 80));
    expect(await keysOf(store)).toHaveLength(1_500 - 80 + 1);
    expect(operations(place).filter((operation) => operation === 'DeleteObjects')).toHaveLength(3);
  });

  it('uses the credentials of the environment when the configuration has none', async () => {
    await place.remove();
    place = await makeS3Place({ sessionToken: 'session-of-the-environment' });
    vi.stubEnv('AWS_ACCESS_KEY_ID', place.double.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', place.double.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', 'session-of-the-environment');
    const config = { ...place.config, accessKeyId: undefined, secretAccessKey: undefined, sessionToken: undefined };
    const store = await place.open({ config });
    expect(await store.putIfAbsent('a', Buffer.from('x'))).toBe(true);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
    await expect(place.open({ config })).rejects.toThrow(/no credentials.*AWS_ACCESS_KEY_ID/);
    await expect(place.open({ config: { ...config, accessKeyId: 'A' } })).rejects.toThrow(/only one is set/);
  });

  it.each(['s3://', 's3:///prefix', 's3://b', 's3://bucket//a', 's3://bucket/../a', 's3://buc ket/a', '/local'])(
    'refuses the root %s',
    async (root) => {
      await expect(place.open({ root })).rejects.toMatchObject({ code: 'gateway_lake_unavailable' });
    },
  );
});

function operations(place: S3Place): string[] {
  return place.double.requests.map(({ operation }) => operation);
}

async function keysOf(
  store: Awaited<ReturnType<S3Place['open']>>,
  prefix = '',
  startAfter?: string,
): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, startAfter === undefined ? {} : { startAfter })) keys.push(key);
  return keys;
}
