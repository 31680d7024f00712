import { open, type FileHandle } from 'node:fs/promises';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { S3Failure } from './s3-failure.ts';
import type { S3Requests } from './s3-requests.ts';

/** Where an upload goes, in the client's words. */
export interface S3Target {
  readonly Bucket: string;
  readonly Key: string;
}

const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 3;
const DOING = 'write a data file';

/**
 * Uploads a large file in parts. The object appears whole, with the last request. What has been sent is
 * given up when it fails; after a crash the parts stay in the bucket until its lifecycle rule for incomplete
 * uploads removes them.
 * @param partBytes bytes of a part; more where the file would have too many parts.
 * @throws GatewayError `gateway_lake_unavailable`
 */
export async function uploadInParts(
  requests: S3Requests,
  target: S3Target,
  file: { readonly path: string; readonly size: number },
  partBytes: number,
): Promise<void> {
  const { UploadId } = await requests.repeat(DOING, () =>
    requests.once((client, { abortSignal }) => client.createMultipartUpload(target, { abortSignal })),
  );
  if (UploadId === undefined) throw new Error('The object store gave no id for an upload.');
  const upload = { ...target, UploadId };
  try {
    const parts = await uploadParts(requests, upload, file, partBytes);
    await complete(requests, upload, parts, file.size);
  } catch (error) {
    await requests
      .once((client, { abortSignal }) => client.abortMultipartUpload(upload, { abortSignal }))
      .catch(() => undefined);
    throw error;
  }
}

type Upload = S3Target & { readonly UploadId: string };

async function uploadParts(
  requests: S3Requests,
  upload: Upload,
  { path, size }: { readonly path: string; readonly size: number },
  leastPartBytes: number,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(leastPartBytes, Math.ceil(size / MOST_PARTS));
  const count = Math.ceil(size / partBytes);
  const parts: CompletedPart[] = [];
  const handle = await open(path);
  let failed = false;
  const work = async (): Promise<void> => {
    while (!failed && parts.length < count) {
      const PartNumber = parts.push({}) as number;
      try {
        const start = (PartNumber - 1) * partBytes;
        const bytes = await readRange(handle, start, Math.min(partBytes, size - start));
        parts[PartNumber - 1] = { PartNumber, ETag: await uploadPart(requests, upload, PartNumber, bytes) };
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  try {
    const workers = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, work));
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  } finally {
    await handle.close();
  }
  return parts;
}

async function uploadPart(requests: S3Requests, upload: Upload, PartNumber: number, Body: Buffer): Promise<string> {
  const { ETag } = await requests.repeat(DOING, () =>
    requests.once(
      (client, { abortSignal }) => client.uploadPart({ ...upload, PartNumber, Body }, { abortSignal }),
      Body.length,
    ),
  );
  if (ETag === undefined) throw new Error('The object store gave no ETag for a part.');
  return ETag;
}

/** Puts the parts together. An upload that is gone after a lost answer was put together by then. */
async function complete(requests: S3Requests, upload: Upload, Parts: CompletedPart[], size: number): Promise<void> {
  const { Bucket, Key } = upload;
  await requests.repeat(DOING, async () => {
    try {
      await requests.once((client, { abortSignal }) =>
        client.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } }, { abortSignal }),
      );
    } catch (error) {
      if (!(error instanceof S3Failure) || error.kind !== 'absent') throw error;
      const { ContentLength } = await requests.once((client, { abortSignal }) =>
        client.headObject({ Bucket, Key }, { abortSignal }),
      );
      if (ContentLength !== size) throw error;
    }
  });
}

async function readRange(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) throw new Error('A data file became shorter during its upload.');
    filled += bytesRead;
  }
  return bytes;
}
