import { Transform, type Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { S3Failure } from './s3-failure.ts';
import type { S3Attempt } from './s3-requests.ts';

/** The bytes of a GET's answer. */
export interface S3Body {
  /** Bytes the store has announced. */
  readonly size: number;
  /** Fails when the connection dies or the attempt's time is up; every chunk gives it more time. */
  readonly stream: Readable;
}

/** The body of an answer as a stream that is watched by the attempt's timer. */
export function bodyOf(answer: GetObjectCommandOutput, attempt: S3Attempt): S3Body {
  const size = answer.ContentLength;
  const source = answer.Body as Readable | undefined;
  if (source === undefined || size === undefined) throw new S3Failure('transient', 'NoContentLength');
  const watched = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      attempt.alive();
      done(null, chunk);
    },
  });
  const stop = (): void => {
    source.destroy();
    watched.destroy(new S3Failure('transient', 'Timeout'));
  };
  attempt.abortSignal.addEventListener('abort', stop, { once: true });
  watched.once('close', () => {
    attempt.abortSignal.removeEventListener('abort', stop);
    source.destroy();
  });
  source.once('error', (error) => watched.destroy(error));
  return { size, stream: source.pipe(watched) };
}

/** The whole body in memory. Fails when it is shorter or longer than announced. */
export async function readBody({ size, stream }: S3Body): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== size) throw new S3Failure('transient', 'IncompleteBody');
  return bytes;
}
