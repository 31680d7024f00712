import { expect, test } from 'vitest';
import type { Metadata, Protocol } from './actions.ts';
import { checkReadable, checkRemovals, checkWritable, featureNames } from './protocol.ts';

const plain: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };

function metadata(configuration: Record<string, string> = {}, columnMetadata: Record<string, unknown> = {}): Metadata {
  const inner = { type: 'struct', fields: [{ name: 'y', type: 'long', nullable: true, metadata: columnMetadata }] };
  const list = { type: 'array', elementType: inner, containsNull: true };
  const schema = { type: 'struct', fields: [{ name: 'x', type: list, nullable: true, metadata: {} }] };
  return {
    id: 'id',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify(schema),
    partitionColumns: [],
    configuration,
  };
}

function features(names: string[], readers = names): Protocol {
  return { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: readers, writerFeatures: names };
}

function refusal(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'gateway_lake_unsupported' });
    return (error as Error).message;
  }
}

test.each<[string, Protocol]>([
  ['the default protocol', plain],
  ['reader version 2', { minReaderVersion: 2, minWriterVersion: 5 }],
  ['features of the reader', features(['deletionVectors', 'columnMapping', 'timestampNtz', 'v2Checkpoint'])],
  ['vacuumProtocolCheck', features(['vacuumProtocolCheck'])],
  ['any feature of writers alone', features(['rowTracking', 'somethingNew', 'clustering'], [])],
  ['writer features without reader ones', { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['anything'] }],
])('%s can be read', (_, protocol) => {
  expect(refusal(() => checkReadable(protocol, metadata()))).toBeUndefined();
});

test.each<[string, Protocol]>([
  ['reader version 4', { minReaderVersion: 4, minWriterVersion: 7 }],
  ['catalogManaged', features(['catalogManaged'])],
  ['variantType', features(['variantType', 'deletionVectors'])],
  ['typeWidening', features(['typeWidening'])],
  ['somethingNew', features(['somethingNew'])],
])('%s is refused for reading, by name', (name, protocol) => {
  expect(refusal(() => checkReadable(protocol, metadata()))).toContain(name);
  expect(refusal(() => checkWritable(protocol, metadata()))).toContain(name);
});

test('another format than Parquet is refused', () => {
  expect(refusal(() => checkReadable(plain, { ...metadata(), format: { provider: 'orc', options: {} } }))).toContain(
    'orc',
  );
});

test.each<[string, Protocol]>([
  ['the default protocol', plain],
  ...[3, 4, 5, 6].map((version): [string, Protocol] => [
    `writer version ${version} with nothing in use`,
    { minReaderVersion: 1, minWriterVersion: version },
  ]),
  [
    'features that are listed and not in use',
    features(
      [
        'appendOnly',
        'invariants',
        'checkConstraints',
        'changeDataFeed',
        'generatedColumns',
        'columnMapping',
        'identityColumns',
        'deletionVectors',
        'timestampNtz',
        'domainMetadata',
        'inCommitTimestamp',
        'v2Checkpoint',
        'vacuumProtocolCheck',
        'allowColumnDefaults',
      ],
      ['columnMapping', 'deletionVectors', 'timestampNtz', 'v2Checkpoint', 'vacuumProtocolCheck'],
    ),
  ],
])('%s can be written', (_, protocol) => {
  const unused = metadata(
    { 'delta.columnMapping.mode': 'none', 'delta.enableDeletionVectors': 'false' },
    { comment: 'c' },
  );
  expect(refusal(() => checkWritable(protocol, unused))).toBeUndefined();
});

test.each<[string, Metadata, number]>([
  ['checkConstraints', metadata({ 'delta.constraints.positive': 'x > 0' }), 3],
  ['changeDataFeed', metadata({ 'delta.enableChangeDataFeed': 'true' }), 4],
  ['generatedColumns', metadata({}, { 'delta.generationExpression': 'x + 1' }), 4],
  ['columnMapping', metadata({ 'delta.columnMapping.mode': 'name' }), 5],
  ['identityColumns', metadata({}, { 'delta.identity.start': 1 }), 6],
  ['invariants', metadata({}, { 'delta.invariants': '{}' }), 2],
  ['deletionVectors', metadata({ 'delta.enableDeletionVectors': 'TRUE' }), 7],
  ['rowTracking', metadata({ 'delta.enableRowTracking': 'true' }), 7],
  ['inCommitTimestamp', metadata({ 'delta.enableInCommitTimestamps': 'true' }), 7],
  ['allowColumnDefaults', metadata({}, { CURRENT_DEFAULT: '1' }), 7],
  ['icebergCompat', metadata({ 'delta.enableIcebergCompatV2': 'true' }), 7],
])('%s in use is refused for writing, by name, and can still be read', (name, used, version) => {
  const protocol = { minReaderVersion: 1, minWriterVersion: version, writerFeatures: version === 7 ? [] : undefined };
  expect(refusal(() => checkWritable(protocol, used))).toContain(name);
  expect(refusal(() => checkReadable(protocol, used))).toBeUndefined();
});

test.each(['rowTracking', 'clustering', 'icebergCompatV2', 'somethingNew'])(
  '%s listed is refused for writing',
  (name) => {
    const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: [name] };
    expect(refusal(() => checkWritable(protocol, metadata()))).toContain(name);
  },
);

test('writer version 8 is refused', () => {
  expect(refusal(() => checkWritable({ minReaderVersion: 1, minWriterVersion: 8 }, metadata()))).toContain(
    'writer version 8',
  );
});

test('an append-only table takes rearranged data and no removal', () => {
  const appendOnly = metadata({ 'delta.appendOnly': 'true' });
  const remove = { remove: { path: 'x', dataChange: true } };
  expect(refusal(() => checkRemovals(appendOnly, [remove]))).toContain('appendOnly');
  expect(refusal(() => checkRemovals(appendOnly, [{ remove: { path: 'x', dataChange: false } }]))).toBeUndefined();
  expect(refusal(() => checkRemovals(metadata(), [remove]))).toBeUndefined();
});

test('feature names are told once', () => {
  expect(featureNames(features(['b', 'a'], ['a']))).toEqual(['a', 'b']);
  expect(featureNames(plain)).toEqual([]);
});
