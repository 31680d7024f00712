import { asRecord, type JsonRecord } from '../../lib/json-value.ts';
import type {
  Action,
  AddFile,
  CommitInfo,
  DeletionVector,
  DomainMetadata,
  Metadata,
  Protocol,
  RemoveFile,
  Transaction,
} from './actions.ts';

/** A field of an action that is missing or of another type than the protocol says. */
export class MalformedAction extends Error {}

/**
 * An action from one parsed line. `undefined` for actions that are not known, which readers skip. Unknown fields
 * are left out, nulls count as missing.
 * @throws MalformedAction
 */
export function readAction(line: unknown): Action | undefined {
  const record = asRecord(line);
  if (!record) throw new MalformedAction('a line is no object');
  for (const [kind, read] of Object.entries(readers)) {
    const body = record[kind];
    if (body === undefined || body === null) continue;
    return { [kind]: read(fields(body, kind)) } as unknown as Action;
  }
  return undefined;
}

export function readAdd(raw: JsonRecord): AddFile {
  return {
    path: text(raw, 'path'),
    partitionValues: nullableTexts(raw['partitionValues']) ?? {},
    size: integer(raw, 'size'),
    modificationTime: optionalInteger(raw, 'modificationTime') ?? 0,
    dataChange: raw['dataChange'] !== false,
    ...present({
      stats: optionalText(raw, 'stats'),
      tags: texts(raw['tags']),
      deletionVector: deletionVector(raw['deletionVector']),
      baseRowId: optionalInteger(raw, 'baseRowId'),
      defaultRowCommitVersion: optionalInteger(raw, 'defaultRowCommitVersion'),
      clusteringProvider: optionalText(raw, 'clusteringProvider'),
    }),
  };
}

function readRemove(raw: JsonRecord): RemoveFile {
  return {
    path: text(raw, 'path'),
    dataChange: raw['dataChange'] !== false,
    ...present({
      deletionTimestamp: optionalInteger(raw, 'deletionTimestamp'),
      extendedFileMetadata: optionalBoolean(raw, 'extendedFileMetadata'),
      partitionValues: nullableTexts(raw['partitionValues']),
      size: optionalInteger(raw, 'size'),
      stats: optionalText(raw, 'stats'),
      tags: texts(raw['tags']),
      deletionVector: deletionVector(raw['deletionVector']),
      baseRowId: optionalInteger(raw, 'baseRowId'),
      defaultRowCommitVersion: optionalInteger(raw, 'defaultRowCommitVersion'),
    }),
  };
}

function readMetadata(raw: JsonRecord): Metadata {
  const format = asRecord(raw['format']);
  return {
    id: text(raw, 'id'),
    format: {
      provider: optionalText(format ?? {}, 'provider') ?? 'parquet',
      options: texts(format?.['options']) ?? {},
    },
    schemaString: text(raw, 'schemaString'),
    partitionColumns: textList(raw['partitionColumns']) ?? [],
    configuration: texts(raw['configuration']) ?? {},
    ...present({
      name: optionalText(raw, 'name'),
      description: optionalText(raw, 'description'),
      createdTime: optionalInteger(raw, 'createdTime'),
    }),
  };
}

function readProtocol(raw: JsonRecord): Protocol {
  return {
    minReaderVersion: integer(raw, 'minReaderVersion'),
    minWriterVersion: integer(raw, 'minWriterVersion'),
    ...present({ readerFeatures: textList(raw['readerFeatures']), writerFeatures: textList(raw['writerFeatures']) }),
  };
}

function readTransaction(raw: JsonRecord): Transaction {
  return {
    appId: text(raw, 'appId'),
    version: integer(raw, 'version'),
    ...present({ lastUpdated: optionalInteger(raw, 'lastUpdated') }),
  };
}

/** In-commit timestamps, where a table has them, stand in for the writer's clock. */
function readCommitInfo(raw: JsonRecord): CommitInfo {
  return {
    timestamp: optionalInteger(raw, 'inCommitTimestamp') ?? optionalInteger(raw, 'timestamp') ?? 0,
    operation: optionalText(raw, 'operation') ?? 'UNKNOWN',
    ...present({
      operationParameters: asRecord(raw['operationParameters']),
      operationMetrics: metrics(raw['operationMetrics']),
      isBlindAppend: optionalBoolean(raw, 'isBlindAppend'),
      engineInfo: optionalText(raw, 'engineInfo'),
      txnId: optionalText(raw, 'txnId'),
      userName: optionalText(raw, 'userName'),
      readVersion: optionalInteger(raw, 'readVersion'),
    }),
  };
}

function readDomainMetadata(raw: JsonRecord): DomainMetadata {
  return {
    domain: text(raw, 'domain'),
    configuration: optionalText(raw, 'configuration') ?? '',
    removed: raw['removed'] === true,
  };
}

const readers = {
  add: readAdd,
  remove: readRemove,
  metaData: readMetadata,
  protocol: readProtocol,
  txn: readTransaction,
  commitInfo: readCommitInfo,
  domainMetadata: readDomainMetadata,
};

function deletionVector(value: unknown): DeletionVector | undefined {
  const raw = asRecord(value);
  if (!raw) return undefined;
  const storageType = text(raw, 'storageType');
  if (storageType !== 'u' && storageType !== 'i' && storageType !== 'p') {
    throw new MalformedAction(`\`storageType\` ${JSON.stringify(storageType)} is not known`);
  }
  return {
    storageType,
    pathOrInlineDv: text(raw, 'pathOrInlineDv'),
    sizeInBytes: integer(raw, 'sizeInBytes'),
    cardinality: integer(raw, 'cardinality'),
    ...present({ offset: optionalInteger(raw, 'offset') }),
  };
}

function fields(value: unknown, kind: string): JsonRecord {
  const record = asRecord(value);
  if (!record) throw new MalformedAction(`\`${kind}\` is no object`);
  return record;
}

function text(raw: JsonRecord, name: string): string {
  return optionalText(raw, name) ?? missing(name);
}

function optionalText(raw: JsonRecord, name: string): string | undefined {
  const value = raw[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : mistyped(name, 'text');
}

function integer(raw: JsonRecord, name: string): number {
  return optionalInteger(raw, name) ?? missing(name);
}

/** Numbers beyond 2^53 would come out changed, and be written so into a checkpoint. */
function optionalInteger(raw: JsonRecord, name: string): number | undefined {
  const value = raw[name];
  if (value === undefined || value === null) return undefined;
  return Number.isSafeInteger(value) ? (value as number) : mistyped(name, 'a whole number below 2^53');
}

function optionalBoolean(raw: JsonRecord, name: string): boolean | undefined {
  const value = raw[name];
  return typeof value === 'boolean' ? value : undefined;
}

function texts(value: unknown): Record<string, string> | undefined {
  const record = asRecord(value);
  if (!record) return undefined;
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function nullableTexts(value: unknown): Record<string, string | null> | undefined {
  const record = asRecord(value);
  if (!record) return undefined;
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, typeof item === 'string' ? item : null]));
}

function textList(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((item): item is string => typeof item === 'string');
}

function metrics(value: unknown): Record<string, string> | undefined {
  const record = asRecord(value);
  return record && Object.fromEntries(Object.entries(record).map(([key, item]) => [key, String(item)]));
}

/** Without the keys that have no value. Built anew: objects that keys are deleted from are slow, and there are thousands. */
function present<T extends Record<string, unknown>>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const key in record) if (record[key] !== undefined) kept[key] = record[key];
  return kept as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function missing(name: string): never {
  throw new MalformedAction(`\`${name}\` is missing`);
}

function mistyped(name: string, wanted: string): never {
  throw new MalformedAction(`\`${name}\` is not ${wanted}`);
}
