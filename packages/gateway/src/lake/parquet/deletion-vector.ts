import { crc32 } from 'node:zlib';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { DeletionVector } from '../log/actions.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import { readRoaringArray } from './roaring-bitmap.ts';
import { decodeZ85 } from './z85.ts';

const FILE_VERSION = 1;
const UUID_LENGTH = 20;

/**
 * Numbers of the rows, counted from 0 in their file, that a deletion vector deletes.
 * @param location directory of the table.
 * @throws GatewayError `gateway_lake_unavailable` where it is damaged or missing.
 */
export async function deletedRows(store: ObjectStore, location: string, vector: DeletionVector): Promise<number[]> {
  const bytes = vector.storageType === 'i' ? inlineBytes(vector) : await storedBytes(store, location, vector);
  try {
    const rows = readRoaringArray(bytes);
    if (rows.length === vector.cardinality) return rows;
  } catch (error) {
    throw damaged(error);
  }
  throw damaged();
}

/** Key of the file that holds the vector; `undefined` for one that stands in the log itself. */
export function deletionVectorKey(store: ObjectStore, location: string, vector: DeletionVector): string | undefined {
  const text = vector.pathOrInlineDv;
  switch (vector.storageType) {
    case 'i':
      return undefined;
    case 'u': {
      const prefix = text.slice(0, -UUID_LENGTH);
      const uuid = decodeZ85(text.slice(-UUID_LENGTH))?.toString('hex');
      if (uuid?.length !== 32) throw damaged();
      const name = `deletion_vector_${uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}.bin`;
      return `${location}/${prefix === '' ? '' : `${prefix}/`}${name}`;
    }
    case 'p': {
      const root = `${decodeUri(store.uri(location))}/`;
      const path = decodeUri(text);
      if (path.startsWith(root)) return `${location}/${path.slice(root.length)}`;
      throw new GatewayError(
        'gateway_lake_unsupported',
        'The table has files outside of its directory, which are not read.',
      );
    }
  }
}

function inlineBytes(vector: DeletionVector): Buffer {
  const bytes = decodeZ85(vector.pathOrInlineDv);
  if (!bytes || bytes.length < vector.sizeInBytes) throw damaged();
  return bytes.subarray(0, vector.sizeInBytes);
}

/** From a file: its version, then at the offset the size, the bytes and their CRC-32 (PROTOCOL.md, "Deletion Vector Files"). */
async function storedBytes(store: ObjectStore, location: string, vector: DeletionVector): Promise<Buffer> {
  const key = deletionVectorKey(store, location, vector);
  const file = key === undefined ? undefined : await store.get(key);
  const at = vector.offset ?? 1;
  const end = at + 4 + vector.sizeInBytes;
  if (!file || file[0] !== FILE_VERSION || file.length < end + 4) throw damaged();
  if (file.readInt32BE(at) !== vector.sizeInBytes) throw damaged();
  const bytes = file.subarray(at + 4, end);
  if (file.readUInt32BE(end) !== crc32(bytes)) throw damaged();
  return bytes;
}

function decodeUri(uri: string): string {
  try {
    return decodeURIComponent(uri).replace(/^file:\/+/, 'file:///');
  } catch {
    return uri;
  }
}

function damaged(cause?: unknown): GatewayError {
  return new GatewayError('gateway_lake_unavailable', 'A deletion vector of the table is missing or damaged.', {
    cause,
  });
}
