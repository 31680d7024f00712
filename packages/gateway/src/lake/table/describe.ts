import type { TableDescription } from '../lake.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { featureNames } from '../log/protocol.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import { liveRows } from './file-stats.ts';

/** What there is to know about a version without reading its data. */
export function describeTable(store: ObjectStore, location: string, snapshot: Snapshot): TableDescription {
  const { metadata, protocol, files } = snapshot;
  let bytes = 0;
  let rows: number | undefined = 0;
  for (const file of files) {
    const live = liveRows(file);
    bytes += file.size;
    rows = rows === undefined || live === undefined ? undefined : rows + live;
  }
  return {
    id: metadata.id,
    version: snapshot.version,
    schema: snapshot.schema,
    properties: metadata.configuration,
    comment: metadata.description,
    partitionColumns: metadata.partitionColumns,
    createdAt: metadata.createdTime,
    committedAt: snapshot.timestamp,
    files: files.length,
    bytes,
    rows,
    minReaderVersion: protocol.minReaderVersion,
    minWriterVersion: protocol.minWriterVersion,
    features: featureNames(protocol),
    uri: store.uri(location),
  };
}
