import { S3Failure } from './s3-failure.ts';
import type { S3Location } from './s3-location.ts';
import type { S3Requests } from './s3-requests.ts';

const DOING = 'delete objects';
const BATCH = 1_000;
const SINGLES_AT_ONCE = 8;
/** Errors of one key in a batch that may pass. */
const MAY_PASS = new Set(['InternalError', 'SlowDown', 'ServiceUnavailable', 'OperationAborted']);

/** Deletes objects: in batches, or one by one in stores that cannot do batches. */
export class S3Deletion {
  readonly #requests: S3Requests;
  readonly #location: S3Location;
  #batches = true;

  constructor(requests: S3Requests, location: S3Location) {
    this.#requests = requests;
    this.#location = location;
  }

  /**
   * @param keys below the root.
   * @throws GatewayError `gateway_lake_unavailable`; some of the objects may be gone then.
   */
  async delete(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += BATCH) {
      const batch = keys.slice(start, start + BATCH).map((key) => this.#location.prefix + key);
      if (this.#batches && batch.length > 1) await this.#requests.repeat(DOING, () => this.#deleteBatch(batch));
      else await this.#deleteSingly(batch);
    }
  }

  /** One request for all. What it could not delete stays in `keys` for the next attempt. */
  async #deleteBatch(keys: string[]): Promise<void> {
    const input = { Bucket: this.#location.bucket, Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) } };
    let errors;
    try {
      const answer = await this.#requests.once((client, { abortSignal }) =>
        client.deleteObjects(input, { abortSignal }),
      );
      errors = answer.Errors ?? [];
    } catch (error) {
      if (!(error instanceof S3Failure) || error.kind !== 'refused' || error.code === 'NoSuchBucket') throw error;
      this.#batches = false;
      return this.#deleteSingly(keys);
    }
    const [first] = errors;
    if (first === undefined) return;
    const left = new Set(errors.map((error) => error.Key));
    keys.splice(0, keys.length, ...keys.filter((key) => left.has(key)));
    const final = errors.find(({ Code }) => !MAY_PASS.has(Code ?? ''));
    if (final === undefined) throw new S3Failure('transient', first.Code ?? 'UnknownError', 200);
    throw new S3Failure(final.Code === 'AccessDenied' ? 'denied' : 'refused', final.Code ?? 'UnknownError', 200);
  }

  async #deleteSingly(keys: readonly string[]): Promise<void> {
    const left = keys.values();
    const work = async (): Promise<void> => {
      for (const key of left) await this.#requests.repeat(DOING, () => this.#deleteOne(key));
    };
    await Promise.all(Array.from({ length: SINGLES_AT_ONCE }, work));
  }

  async #deleteOne(Key: string): Promise<void> {
    const input = { Bucket: this.#location.bucket, Key };
    try {
      await this.#requests.once((client, { abortSignal }) => client.deleteObject(input, { abortSignal }));
    } catch (error) {
      if (!(error instanceof S3Failure) || error.kind !== 'absent') throw error;
    }
  }
}
