import { z } from 'zod';
import { durationKey, sizeKey } from './server-schema.ts';

const days = (least: number) => z.int().min(least).max(36_500);

/** The key `lake`: where the tables are, how they are kept. Every key has a default. */
export const lakeSchema = z.strictObject({
  root: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Where the Delta tables are: a directory, relative to this file, or `s3://bucket/prefix`. Default: `lake` in the data directory.',
    ),
  s3: z
    .strictObject({
      endpoint: z.url().optional().describe("Address of the store. Default: Amazon's of the region."),
      region: z.string().min(1).default('us-east-1').describe('Region that requests are signed for.'),
      access_key_id: z.string().min(1).optional().describe('Credential, usually `${env:AWS_ACCESS_KEY_ID}`.'),
      secret_access_key: z.string().min(1).optional().describe('Credential, usually `${env:AWS_SECRET_ACCESS_KEY}`.'),
      session_token: z.string().min(1).optional().describe('Of temporary credentials.'),
      path_style: z
        .boolean()
        .default(false)
        .describe('Bucket in the path instead of the host name, as self-hosted stores want it.'),
      cache_max_bytes: sizeKey(16 * 1024 * 1024)
        .prefault('4GiB')
        .describe('Disk space for local copies of data files that are queried.'),
    })
    .optional()
    .describe('How an `s3://` root is reached. Without credentials here, those of the environment are used.'),
  commit_interval: durationKey(50)
    .prefault('1s')
    .describe('How long rows are gathered before they are committed to their tables.'),
  maintenance_interval: durationKey(100)
    .prefault('1m')
    .describe('How often tables are looked at for compaction, checkpoints and clean-up.'),
  memory_limit: sizeKey(64 * 1024 * 1024)
    .prefault('512MiB')
    .describe('Memory that the process which writes the tables may use for its data.'),
  usage_retention_days: days(1).default(365).describe('Rows of `system.ai_gateway.usage` older than this are deleted.'),
  audit_retention_days: days(1).default(365).describe('Rows of `system.access.audit` older than this are deleted.'),
  telemetry_queue_max_bytes: sizeKey(1024 * 1024)
    .prefault('1GiB')
    .describe('Disk space that telemetry, payloads and audit rows may take, each, before they are in their tables.'),
  otlp_max_bytes: sizeKey(64 * 1024)
    .prefault('64MiB')
    .describe('Largest OTLP request, decompressed.'),
});

/** The key `sql`: limits of the SQL warehouse. Every key has a default. */
export const sqlSchema = z.strictObject({
  timeout: durationKey(100).prefault('2m').describe('How long a statement may run before it is ended.'),
  memory_limit: sizeKey(128 * 1024 * 1024)
    .prefault('1GiB')
    .describe('Memory that the process of one statement may use before it is ended.'),
  max_rows: z.int().min(1).max(10_000_000).default(100_000).describe('Rows a statement may return; more are cut off.'),
  max_result_bytes: sizeKey(1024).prefault('25MiB').describe('Bytes a statement may return; more are cut off.'),
  concurrency: z.int().min(1).max(64).default(2).describe('Statements that run at the same time; others wait.'),
  queue: z.int().min(1).max(10_000).default(100).describe('Statements that may wait.'),
});
