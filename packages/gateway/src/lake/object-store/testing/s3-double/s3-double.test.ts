import { request as httpRequest } from 'node:http';
import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startS3Double, type S3Double } from './s3-double.ts';

let double: S3Double;

beforeEach(async () => {
  double = await startS3Double();
});

afterEach(() => double.close());

function client(overrides: { secretAccessKey?: string; accessKeyId?: string; forcePathStyle?: boolean } = {}): S3 {
  const {
    accessKeyId = double.accessKeyId,
    secretAccessKey = double.secretAccessKey,
    forcePathStyle = true,
  } = overrides;
  const credentials = { accessKeyId, secretAccessKey };
  return new S3({
    endpoint: double.url,
    region: 'us-east-1',
    forcePathStyle,
    credentials,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}

describe('the S3 double', () => {
  it('refuses what is not signed, or signed with other keys', async () => {
    const get = { Bucket: double.bucket, Key: 'a' };
    await expect(client().getObject(get)).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(client({ secretAccessKey: 'x' }).getObject(get)).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    await expect(client({ accessKeyId: 'AKIAX' }).getObject(get)).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    expect(await statusOf(`/${double.bucket}/a`)).toBe(403);
    await expect(client().getObject({ Bucket: 'other', Key: 'a' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('refuses a body or a condition that was changed on its way', async () => {
    const tampered = client();
    tampered.middlewareStack.add(
      (next) => (arguments_) => {
        (arguments_.request as { body: unknown }).body = 'evil';
        return next(arguments_);
      },
      { step: 'deserialize', priority: 'low' },
    );
    await expect(tampered.putObject({ Bucket: double.bucket, Key: 'a', Body: 'good' })).rejects.toMatchObject({
      name: 'XAmzContentSHA256Mismatch',
    });
    expect(double.objects.size).toBe(0);
  });

  it('lets a conditional PUT through once', async () => {
    const put = { Bucket: double.bucket, Key: 'a', Body: 'x', IfNoneMatch: '*' };
    await client().putObject(put);
    await expect(client().putObject(put)).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
  });

  it('serves ranges and metadata', async () => {
    const at = { Bucket: double.bucket, Key: 'a b/ü+%' };
    await client().putObject({ ...at, Body: '0123456789', Metadata: { writer: 'me' } });
    const answer = await client().getObject({ ...at, Range: 'bytes=2-4' });
    expect(await answer.Body?.transformToString()).toBe('234');
    expect(answer.ContentRange).toBe('bytes 2-4/10');
    expect((await client().headObject(at)).Metadata).toEqual({ writer: 'me' });
    await expect(client().getObject({ ...at, Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('pages listings by token, by start and by number', async () => {
    for (const Key of ['p/a', 'p/b', 'p/c', 'q']) await client().putObject({ Bucket: double.bucket, Key, Body: 'x' });
    const list = { Bucket: double.bucket, Prefix: 'p/', MaxKeys: 2 };
    const first = await client().listObjectsV2(list);
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['p/a', 'p/b']);
    expect(first.IsTruncated).toBe(true);
    const second = await client().listObjectsV2({ ...list, ContinuationToken: first.NextContinuationToken });
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['p/c']);
    const after = await client().listObjectsV2({ ...list, StartAfter: 'p/a0' });
    expect(after.Contents?.map(({ Key }) => Key)).toEqual(['p/b', 'p/c']);
  });

  it('knows its bucket by the host name, too', async () => {
    await client().putObject({ Bucket: double.bucket, Key: 'a', Body: 'x' });
    const virtual = client({ forcePathStyle: false });
    virtual.middlewareStack.add(
      (next) => (arguments_) => {
        const request = arguments_.request as { path: string; headers: Record<string, string> };
        request.path = request.path.replace(`/${double.bucket}`, '');
        request.headers['host'] = `${double.bucket}.s3.test`;
        return next(arguments_);
      },
      { step: 'build', priority: 'low' },
    );
    const answer = await virtual.getObject({ Bucket: double.bucket, Key: 'a' });
    expect(await answer.Body?.transformToString()).toBe('x');
  });
});

function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(double.url);
    httpRequest({ hostname, port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
