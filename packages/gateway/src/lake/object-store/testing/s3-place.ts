import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LakeConfig, S3Config } from '../../../config/gateway-config.ts';
import { FileCache } from '../file-cache.ts';
import { S3Store, type S3StoreOptions } from '../s3-store.ts';
import { startS3Double, type S3Double, type S3DoubleOptions } from './s3-double/s3-double.ts';

/** An S3 double and stores on it. */
export interface S3Place {
  readonly double: S3Double;
  readonly config: S3Config;
  /** A directory of its own, removed with the place. */
  readonly scratch: string;
  /** `s3://BUCKET/lake/test` */
  readonly root: string;
  lakeConfig(): LakeConfig;
  /** Another store, with another cache. Patient enough for every fault that passes, but without long waits. */
  open(options?: Partial<S3StoreOptions>): Promise<S3Store>;
  remove(): Promise<void>;
}

/** Starts a double with an empty bucket. */
export async function makeS3Place(options: S3DoubleOptions = {}): Promise<S3Place> {
  const double = await startS3Double(options);
  const scratch = await mkdtemp(path.join(tmpdir(), 's3-place-'));
  const root = `s3://${double.bucket}/lake/test`;
  const config: S3Config = {
    endpoint: double.url,
    region: 'eu-test-1',
    accessKeyId: double.accessKeyId,
    secretAccessKey: double.secretAccessKey,
    sessionToken: options.sessionToken,
    pathStyle: true,
    cacheMaxBytes: 64 * 1024 * 1024,
  };
  return {
    double,
    config,
    scratch,
    root,
    lakeConfig: () => ({
      root,
      s3: config,
      commitIntervalMs: 1_000,
      maintenanceIntervalMs: 60_000,
      memoryLimitBytes: 512 * 1024 * 1024,
      usageRetentionDays: 365,
      auditRetentionDays: 365,
      telemetryQueueMaxBytes: 1024 ** 3,
      otlpMaxBytes: 64 * 1024 * 1024,
    }),
    async open(overrides = {}) {
      const directory = path.join(scratch, crypto.randomUUID());
      const cache = await FileCache.open({ directory, maxBytes: config.cacheMaxBytes });
      const patience = { attempts: 8, backoffMs: 2, timeoutMs: 5_000 };
      return S3Store.open({ root, config, cache, patience, ...overrides });
    },
    async remove() {
      await double.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
