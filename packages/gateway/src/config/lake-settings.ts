import path from 'node:path';
import type { LakeConfig, SqlConfig } from './gateway-config.ts';
import type { ConfigFile } from './schema.ts';

/** The section `lake`, with its root made absolute. */
export function readLake(
  file: ConfigFile['lake'],
  { directory, dataDirectory }: { readonly directory: string; readonly dataDirectory: string },
): LakeConfig {
  const { root, s3 } = file;
  return {
    root:
      root === undefined
        ? path.join(dataDirectory, 'lake')
        : root.startsWith('s3://')
          ? root.replace(/\/+$/, '')
          : path.resolve(directory, root),
    s3: {
      endpoint: s3?.endpoint,
      region: s3?.region ?? 'us-east-1',
      accessKeyId: s3?.access_key_id,
      secretAccessKey: s3?.secret_access_key,
      sessionToken: s3?.session_token,
      pathStyle: s3?.path_style ?? false,
      cacheMaxBytes: s3?.cache_max_bytes ?? 4 * 1024 ** 3,
    },
    commitIntervalMs: file.commit_interval,
    maintenanceIntervalMs: file.maintenance_interval,
    memoryLimitBytes: file.memory_limit,
    usageRetentionDays: file.usage_retention_days,
    auditRetentionDays: file.audit_retention_days,
    telemetryQueueMaxBytes: file.telemetry_queue_max_bytes,
    otlpMaxBytes: file.otlp_max_bytes,
  };
}

/** The section `sql`. */
export function readSql(file: ConfigFile['sql']): SqlConfig {
  return {
    timeoutMs: file.timeout,
    memoryLimitBytes: file.memory_limit,
    maxRows: file.max_rows,
    maxResultBytes: file.max_result_bytes,
    concurrency: file.concurrency,
    queue: file.queue,
  };
}
