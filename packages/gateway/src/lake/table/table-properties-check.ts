import { GatewayError } from '../../errors/gateway-error.ts';

/** Properties of Delta's own that change nothing about what the table needs to be read and written. */
const allowed: ReadonlySet<string> = new Set(
  [
    'delta.appendOnly',
    'delta.autoOptimize.autoCompact',
    'delta.autoOptimize.optimizeWrite',
    'delta.checkpointInterval',
    'delta.checkpoint.writeStatsAsJson',
    'delta.checkpoint.writeStatsAsStruct',
    'delta.checkpointRetentionDuration',
    'delta.dataSkippingNumIndexedCols',
    'delta.deletedFileRetentionDuration',
    'delta.enableExpiredLogCleanup',
    'delta.isolationLevel',
    'delta.logRetentionDuration',
    'delta.parquet.compression.codec',
    'delta.randomizeFilePrefixes',
    'delta.sampleRetentionDuration',
    'delta.setTransactionRetentionDuration',
    'delta.targetFileSize',
    'delta.tuneFileSizesForRewrites',
  ].map((name) => name.toLowerCase()),
);

/**
 * Refuses table properties that turn on features which this writer does not have (`delta.enableDeletionVectors`,
 * constraints, protocol versions). Properties outside of `delta.` are the user's own.
 * @throws GatewayError `gateway_lake_unsupported`.
 */
export function checkProperties(properties: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(properties)) {
    const key = name.toLowerCase();
    const isOff = key.startsWith('delta.enable') && value.trim().toLowerCase() === 'false';
    if (!key.startsWith('delta.') || allowed.has(key) || isOff) continue;
    throw new GatewayError(
      'gateway_lake_unsupported',
      `The table property \`${name}\` cannot be set: tables here are written without it.`,
    );
  }
}
