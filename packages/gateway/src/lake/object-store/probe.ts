import { randomUUID } from 'node:crypto';
import type { ObjectStore } from './object-store.ts';
import { S3Failure } from './s3-failure.ts';

const RACERS = 8;

/**
 * Makes sure that a store lets exactly one writer of a key win, by writing: one key twice, another by
 * eight at once. The objects are removed.
 * @throws Error when it does not; the store must not be used then.
 */
export async function probeConditionalPut(store: ObjectStore): Promise<void> {
  const [twice, raced] = [`_probe/${randomUUID()}`, `_probe/${randomUUID()}`];
  try {
    const first = await store.putIfAbsent(twice, Buffer.from('first')).catch((error: unknown) => {
      throw isUnknownThere(error) ? unfit(store) : error;
    });
    const second = await store.putIfAbsent(twice, Buffer.from('second'));
    if (!first || second) throw unfit(store);
    const wins = await Promise.all(
      Array.from({ length: RACERS }, (_, racer) => store.putIfAbsent(raced, Buffer.from(`racer ${racer}`))),
    );
    const winner = wins.indexOf(true);
    const stored = await store.get(raced);
    if (winner < 0 || wins.lastIndexOf(true) !== winner || stored?.toString() !== `racer ${winner}`) throw unfit(store);
  } finally {
    await store.delete([twice, raced]);
  }
}

/** A store that does not know the condition may say so. */
function isUnknownThere(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof S3Failure && error.cause.status === 501;
}

function unfit({ description }: ObjectStore): Error {
  return new Error(
    `The object store of ${description} ignores If-None-Match on PUT: two writers would overwrite each other's commits. ` +
      'Use a store that has conditional writes (Amazon S3, MinIO, Cloudflare R2, Ceph), or set lake.root to a directory on a local disk.',
  );
}
