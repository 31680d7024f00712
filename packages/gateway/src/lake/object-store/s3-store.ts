import { randomUUID } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import type { S3 } from '@aws-sdk/client-s3';
import type { S3Config } from '../../config/gateway-config.ts';
import type { FileCache } from './file-cache.ts';
import { storageError } from './local-store-errors.ts';
import { checkKey, checkPrefix } from './object-key.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { bodyOf, readBody, type S3Body } from './s3-body.ts';
import { S3Deletion } from './s3-delete.ts';
import { S3Failure } from './s3-failure.ts';
import { listS3Objects } from './s3-list.ts';
import { parseS3Location, type S3Location } from './s3-location.ts';
import { S3Requests, type S3Attempt, type S3Patience } from './s3-requests.ts';
import { uploadInParts, type S3Target } from './s3-upload.ts';

const MULTIPART_ABOVE_BYTES = 64 * 1024 * 1024;
const PART_BYTES = 16 * 1024 * 1024;
/** Metadata that names the call of `putIfAbsent` which has written an object. */
const WRITER = 'ucode-gateway-writer';

export interface S3StoreOptions {
  /** `s3://bucket/prefix` */
  readonly root: string;
  readonly config: S3Config;
  /** Where `localPath` keeps its copies. */
  readonly cache: FileCache;
  readonly patience?: S3Patience;
  /** Files above `above` bytes are uploaded in parts of `part` bytes. Default 64 and 16 MiB. */
  readonly multipart?: { readonly above: number; readonly part: number };
}

/**
 * Objects in an S3 store. `putIfAbsent` is a PUT with `If-None-Match: *`, so the store must have conditional
 * writes (see `probeConditionalPut`). Every object written by `putIfAbsent` names its call in its metadata:
 * after an answer that was lost, reading that tells who has won.
 *
 * Failures are GatewayErrors `gateway_lake_unavailable`. One of `putIfAbsent` leaves open whether the
 * object was written.
 */
export class S3Store implements ObjectStore {
  readonly description: string;
  readonly #location: S3Location;
  readonly #requests: S3Requests;
  readonly #deletion: S3Deletion;
  readonly #cache: FileCache;
  readonly #multipart: { readonly above: number; readonly part: number };

  private constructor(options: S3StoreOptions, location: S3Location, requests: S3Requests) {
    this.#location = location;
    this.#requests = requests;
    this.#deletion = new S3Deletion(requests, location);
    this.#cache = options.cache;
    this.#multipart = options.multipart ?? { above: MULTIPART_ABOVE_BYTES, part: PART_BYTES };
    this.description = `s3://${location.bucket}/${location.prefix}`.replace(/\/$/, '');
  }

  /**
   * Makes the store; sends nothing.
   * @throws GatewayError `gateway_lake_unavailable` when the address is wrong or credentials are missing.
   */
  static async open(options: S3StoreOptions): Promise<S3Store> {
    const location = parseS3Location(options.root);
    return new S3Store(options, location, await S3Requests.open(options.config, options.patience));
  }

  uri(key: string): string {
    checkKey(key);
    return `s3://${this.#location.bucket}/${this.#location.prefix}${key}`;
  }

  async get(key: string): Promise<Buffer | undefined> {
    const target = this.#target(key);
    return this.#requests.repeat('read an object', () =>
      orAbsent(this.#requests.once(async (client, attempt) => readBody(await getBody(client, attempt, target)))),
    );
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const target = this.#target(key);
    const writer = randomUUID();
    const input = { ...target, Body: bytes, IfNoneMatch: '*', Metadata: { [WRITER]: writer } };
    let unsure = false;
    return this.#requests.repeat('write an object if there is none', async () => {
      let failure;
      try {
        await this.#requests.once((client, { abortSignal }) => client.putObject(input, { abortSignal }), bytes.length);
        return true;
      } catch (error) {
        if (!(error instanceof S3Failure) || !['exists', 'transient'].includes(error.kind)) throw error;
        failure = error;
      }
      unsure ||= failure.kind === 'transient';
      const won = await this.#hasWon(target, writer, unsure ? bytes : undefined);
      if (won !== undefined) return won;
      // The object was deleted since, or the lost request may still arrive: the next attempt tells.
      throw failure.kind === 'transient' ? failure : new S3Failure('conflict', failure.code, failure.status);
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#put(this.#target(key), bytes, 'write an object');
  }

  async putFile(key: string, localFile: string): Promise<void> {
    const target = this.#target(key);
    try {
      const { size } = await stat(localFile);
      const { above, part } = this.#multipart;
      if (size > above) await uploadInParts(this.#requests, target, { path: localFile, size }, part);
      else await this.#put(target, await readFile(localFile), 'write a data file');
      // What was just written is read soon. The cache is an aid: without a copy there it is fetched.
      await this.#cache.adopt(key, localFile).catch(() => rm(localFile, { force: true }));
    } catch (error) {
      throw storageError(error, 'read');
    }
  }

  async localPath(key: string): Promise<string> {
    const target = this.#target(key);
    return this.#cache.path(key, (write) =>
      this.#requests.repeat('read a data file', () =>
        this.#requests.once(async (client, attempt) => {
          const { size, stream } = await getBody(client, attempt, target);
          await write(size, stream);
        }),
      ),
    );
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    yield* listS3Objects(this.#requests, this.#location, prefix, options.startAfter);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key);
    await this.#deletion.delete(keys);
  }

  async #put(target: S3Target, bytes: Uint8Array, doing: string): Promise<void> {
    await this.#requests.repeat(doing, () =>
      this.#requests.once(
        (client, { abortSignal }) => client.putObject({ ...target, Body: bytes }, { abortSignal }),
        bytes.length,
      ),
    );
  }

  /**
   * Whether the object that is there was written by this call; `undefined` where there is none.
   * @param bytes what this call may have written: tells it in stores that lose metadata.
   */
  async #hasWon(target: S3Target, writer: string, bytes: Uint8Array | undefined): Promise<boolean | undefined> {
    const head = await orAbsent(
      this.#requests.once((client, { abortSignal }) => client.headObject(target, { abortSignal })),
    );
    if (head === undefined) return undefined;
    const stored = head.Metadata?.[WRITER];
    if (stored !== undefined) return stored === writer;
    if (bytes === undefined || head.ContentLength !== bytes.length) return false;
    const found = await orAbsent(
      this.#requests.once(async (client, attempt) => readBody(await getBody(client, attempt, target))),
    );
    return found?.equals(bytes);
  }

  #target(key: string): S3Target {
    checkKey(key);
    return { Bucket: this.#location.bucket, Key: this.#location.prefix + key };
  }
}

async function getBody(client: S3, attempt: S3Attempt, target: S3Target): Promise<S3Body> {
  return bodyOf(await client.getObject(target, { abortSignal: attempt.abortSignal }), attempt);
}

/** What a request gives, or `undefined` where the object is not there. */
async function orAbsent<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof S3Failure && error.kind === 'absent') return undefined;
    throw error;
  }
}
