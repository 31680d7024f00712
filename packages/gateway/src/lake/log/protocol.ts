import { GatewayError } from '../../errors/gateway-error.ts';
import { asRecord, parseJson } from '../../lib/json-value.ts';
import type { Action, Metadata, Protocol } from './actions.ts';
import { isTrue } from './table-properties.ts';

/** Features that a table may have for us to read it. */
const readable: ReadonlySet<string> = new Set([
  'columnMapping',
  'deletionVectors',
  'timestampNtz',
  'v2Checkpoint',
  'vacuumProtocolCheck',
]);

/** Features that a table may have for us to write it, as long as those that can be in use are not. */
const writable: ReadonlySet<string> = new Set([
  'allowColumnDefaults',
  'appendOnly',
  'changeDataFeed',
  'checkConstraints',
  'columnMapping',
  'deletionVectors',
  'domainMetadata',
  'generatedColumns',
  'identityColumns',
  'inCommitTimestamp',
  'invariants',
  'timestampNtz',
  'v2Checkpoint',
  'vacuumProtocolCheck',
]);

/** Whether a feature that we do not write is in use: by a table property, or by a column's metadata. */
const inUse: Readonly<Record<string, (metadata: Metadata) => boolean>> = {
  allowColumnDefaults: (metadata) => hasColumnKey(metadata, (key) => key === 'CURRENT_DEFAULT'),
  changeDataFeed: (metadata) => isTrue(metadata, 'delta.enableChangeDataFeed'),
  checkConstraints: (metadata) =>
    Object.keys(metadata.configuration).some((key) => key.toLowerCase().startsWith('delta.constraints.')),
  columnMapping: (metadata) => (metadata.configuration['delta.columnMapping.mode'] ?? 'none').toLowerCase() !== 'none',
  deletionVectors: (metadata) => isTrue(metadata, 'delta.enableDeletionVectors'),
  generatedColumns: (metadata) => hasColumnKey(metadata, (key) => key === 'delta.generationExpression'),
  icebergCompat: (metadata) => ['V1', 'V2', 'V3'].some((v) => isTrue(metadata, `delta.enableIcebergCompat${v}`)),
  identityColumns: (metadata) => hasColumnKey(metadata, (key) => key.startsWith('delta.identity.')),
  inCommitTimestamp: (metadata) => isTrue(metadata, 'delta.enableInCommitTimestamps'),
  invariants: (metadata) => hasColumnKey(metadata, (key) => key === 'delta.invariants'),
  rowTracking: (metadata) => isTrue(metadata, 'delta.enableRowTracking'),
  typeWidening: (metadata) => isTrue(metadata, 'delta.enableTypeWidening'),
};

/** @throws GatewayError `gateway_lake_unsupported`, naming what is needed to read the table and is not here. */
export function checkReadable(protocol: Protocol, metadata: Metadata): void {
  const { minReaderVersion, readerFeatures = [] } = protocol;
  const missing = minReaderVersion === 3 ? readerFeatures.filter((name) => !readable.has(name)) : [];
  if (minReaderVersion > 3) missing.push(`reader version ${minReaderVersion}`);
  if (metadata.format.provider.toLowerCase() !== 'parquet') missing.push(`format ${metadata.format.provider}`);
  if (missing.length > 0) throw unsupported('read', missing);
}

/**
 * Refuses tables with features that we would break. A high version alone is no reason: what counts is whether
 * the feature is in use. `delta.appendOnly` is looked at by `checkRemovals`.
 * @throws GatewayError `gateway_lake_unsupported`, naming the features.
 */
export function checkWritable(protocol: Protocol, metadata: Metadata): void {
  checkReadable(protocol, metadata);
  const { minWriterVersion, writerFeatures = [] } = protocol;
  const missing = new Set(minWriterVersion === 7 ? writerFeatures.filter((name) => !writable.has(name)) : []);
  if (minWriterVersion > 7) missing.add(`writer version ${minWriterVersion}`);
  for (const [name, isInUse] of Object.entries(inUse)) if (isInUse(metadata)) missing.add(name);
  if (missing.size > 0) throw unsupported('written', [...missing]);
}

/**
 * Refuses actions that take data out of an append-only table; rearranging it is allowed.
 * @throws GatewayError `gateway_lake_unsupported`.
 */
export function checkRemovals(metadata: Metadata, actions: readonly Action[]): void {
  if (!isTrue(metadata, 'delta.appendOnly')) return;
  if (!actions.some((action) => 'remove' in action && action.remove.dataChange)) return;
  throw new GatewayError(
    'gateway_lake_unsupported',
    'The table is append-only (appendOnly): rows cannot be changed or deleted. Unset the table property `delta.appendOnly` first.',
  );
}

/** Names of the features that a protocol lists. */
export function featureNames(protocol: Protocol): string[] {
  return [...new Set([...(protocol.readerFeatures ?? []), ...(protocol.writerFeatures ?? [])])].toSorted();
}

/** Whether some field at any depth of the schema has a key in its metadata that is asked for. */
function hasColumnKey(metadata: Metadata, isWanted: (key: string) => boolean): boolean {
  const pending: unknown[] = [parseJson(metadata.schemaString)];
  while (pending.length > 0) {
    const next = pending.pop();
    if (Array.isArray(next)) {
      for (const item of next) pending.push(item);
      continue;
    }
    const node = asRecord(next);
    if (!node) continue;
    if (Object.keys(asRecord(node['metadata']) ?? {}).some(isWanted)) return true;
    pending.push(node['fields'], node['type'], node['elementType'], node['keyType'], node['valueType']);
  }
  return false;
}

function unsupported(action: 'read' | 'written', names: readonly string[]): GatewayError {
  const list = names.toSorted().join(', ');
  return new GatewayError(
    'gateway_lake_unsupported',
    `The Delta table cannot be ${action} here: it needs ${list}, which this gateway does not have. Use an engine that has it, or turn it off for the table.`,
  );
}
