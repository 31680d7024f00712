import type { Protocol } from '../log/actions.ts';
import type { DeltaType, StructType } from '../schema/delta-type.ts';

/**
 * The lowest protocol that a schema needs: readers 1, writers 2, which every engine has; with TIMESTAMP_NTZ columns,
 * its table feature (PROTOCOL.md, "Timestamp without timezone").
 */
export function protocolFor(schema: StructType): Protocol {
  if (!hasNtz(schema)) return { minReaderVersion: 1, minWriterVersion: 2 };
  return {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ['timestampNtz'],
    writerFeatures: ['appendOnly', 'invariants', 'timestampNtz'],
  };
}

/** The protocol a table has to get for a new schema; `undefined` where the one it has is enough. */
export function protocolChange(current: Protocol, schema: StructType): Protocol | undefined {
  const needed = protocolFor(schema);
  const features = needed.writerFeatures ?? [];
  if (features.length === 0 || current.writerFeatures?.includes('timestampNtz')) return undefined;
  return {
    minReaderVersion: needed.minReaderVersion,
    minWriterVersion: needed.minWriterVersion,
    readerFeatures: [...new Set([...(current.readerFeatures ?? []), ...(needed.readerFeatures ?? [])])],
    writerFeatures: [...new Set([...(current.writerFeatures ?? []), ...features])],
  };
}

function hasNtz(type: DeltaType): boolean {
  if (typeof type === 'string') return type === 'timestamp_ntz';
  switch (type.type) {
    case 'struct':
      return type.fields.some((field) => hasNtz(field.type));
    case 'array':
      return hasNtz(type.elementType);
    case 'map':
      return hasNtz(type.keyType) || hasNtz(type.valueType);
  }
}
