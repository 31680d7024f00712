/** Actions of the Delta transaction log (PROTOCOL.md, "Actions"). Unknown fields are ignored when read. */
export type Action =
  | { readonly add: AddFile }
  | { readonly remove: RemoveFile }
  | { readonly metaData: Metadata }
  | { readonly protocol: Protocol }
  | { readonly txn: Transaction }
  | { readonly commitInfo: CommitInfo }
  | { readonly domainMetadata: DomainMetadata };

export interface AddFile {
  /** Percent-encoded (RFC 2396), relative to the table. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
  readonly modificationTime: number;
  readonly dataChange: boolean;
  /** JSON text. Kept as text: its numbers may exceed 2^53. */
  readonly stats?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly deletionVector?: DeletionVector | undefined;
  readonly baseRowId?: number | undefined;
  readonly defaultRowCommitVersion?: number | undefined;
  readonly clusteringProvider?: string | undefined;
}

export interface RemoveFile {
  readonly path: string;
  readonly deletionTimestamp?: number | undefined;
  readonly dataChange: boolean;
  readonly extendedFileMetadata?: boolean | undefined;
  readonly partitionValues?: Readonly<Record<string, string | null>> | undefined;
  readonly size?: number | undefined;
  readonly stats?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly deletionVector?: DeletionVector | undefined;
  readonly baseRowId?: number | undefined;
  readonly defaultRowCommitVersion?: number | undefined;
}

/** PROTOCOL.md, "Deletion Vectors". */
export interface DeletionVector {
  readonly storageType: 'u' | 'i' | 'p';
  readonly pathOrInlineDv: string;
  readonly offset?: number | undefined;
  readonly sizeInBytes: number;
  readonly cardinality: number;
}

export interface Metadata {
  readonly id: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly createdTime?: number | undefined;
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures?: readonly string[] | undefined;
  readonly writerFeatures?: readonly string[] | undefined;
}

export interface Transaction {
  readonly appId: string;
  readonly version: number;
  readonly lastUpdated?: number | undefined;
}

export interface CommitInfo {
  readonly timestamp: number;
  readonly operation: string;
  readonly operationParameters?: Readonly<Record<string, unknown>> | undefined;
  readonly operationMetrics?: Readonly<Record<string, string>> | undefined;
  readonly isBlindAppend?: boolean | undefined;
  readonly engineInfo?: string | undefined;
  readonly txnId?: string | undefined;
  readonly userName?: string | undefined;
  readonly readVersion?: number | undefined;
}

export interface DomainMetadata {
  readonly domain: string;
  readonly configuration: string;
  readonly removed: boolean;
}
