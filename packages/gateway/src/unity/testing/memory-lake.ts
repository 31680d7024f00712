import { GatewayError } from '../../errors/gateway-error.ts';
import { checkNewSchema } from '../../lake/schema/check-schema.ts';
import type { StructType } from '../../lake/schema/delta-type.ts';
import type {
  CommitSummary,
  Lake,
  NewTable,
  OptimizeResult,
  TableChange,
  TableDescription,
  VacuumRequest,
  VacuumResult,
} from '../../lake/lake.ts';

interface MemoryTable {
  description: TableDescription;
  readonly commits: CommitSummary[];
}

/** Tables without rows, in memory: what Unity Catalog needs of a lake, for tests. */
export class MemoryLake implements Lake {
  readonly tables = new Map<string, MemoryTable>();
  /** Called before each change of `createTable` and `remove`; may wait or throw. */
  before: (method: 'createTable' | 'remove', location: string) => Promise<void> | void = () => {};

  async createTable(table: NewTable, userName?: string): Promise<{ readonly version: number }> {
    await this.before('createTable', table.location);
    checkNewSchema(table.schema, table.partitionColumns);
    if (this.tables.has(table.location)) {
      throw new GatewayError('caller_already_exists', 'A log is at the place already.');
    }
    const description: TableDescription = {
      id: table.id,
      version: 0,
      schema: table.schema,
      properties: table.properties,
      comment: table.comment,
      partitionColumns: table.partitionColumns ?? [],
      createdAt: 1_700_000_000_000,
      committedAt: 1_700_000_000_000,
      files: 0,
      bytes: 0,
      rows: 0,
      minReaderVersion: 1,
      minWriterVersion: 2,
      features: [],
      uri: `file:///lake/${table.location}`,
    };
    this.tables.set(table.location, { description, commits: [summary(0, 'CREATE TABLE', userName)] });
    return { version: 0 };
  }

  async describe(location: string): Promise<TableDescription> {
    return this.#table(location).description;
  }

  async alter(location: string, change: TableChange, userName?: string): Promise<{ readonly version: number }> {
    const table = this.#table(location);
    const version = table.description.version + 1;
    const description = altered(table.description, change);
    checkNewSchema(description.schema, description.partitionColumns);
    table.description = { ...description, version };
    table.commits.unshift(summary(version, change.kind, userName));
    return { version };
  }

  async history(location: string, limit?: number): Promise<CommitSummary[]> {
    return this.#table(location).commits.slice(0, limit);
  }

  async optimize(location: string): Promise<OptimizeResult> {
    const { version } = this.#table(location).description;
    return { version, filesRemoved: 3, filesAdded: 1, bytesRemoved: 300, bytesAdded: 120 };
  }

  async vacuum(location: string, request: VacuumRequest = {}): Promise<VacuumResult> {
    this.#table(location);
    return { deleted: request.dryRun ? ['old-1.parquet', 'old-2.parquet'] : [] };
  }

  async remove(location: string): Promise<void> {
    await this.before('remove', location);
    this.tables.delete(location);
  }

  scan(): never {
    throw new Error('MemoryLake has no rows.');
  }

  append(): never {
    throw new Error('MemoryLake has no rows.');
  }

  lastTransaction(): never {
    throw new Error('MemoryLake has no rows.');
  }

  deleteBefore(): never {
    throw new Error('MemoryLake has no rows.');
  }

  maintain(): never {
    throw new Error('MemoryLake has no rows.');
  }

  #table(location: string): MemoryTable {
    const table = this.tables.get(location);
    if (!table) throw new GatewayError('caller_table_not_found', 'There is no Delta table at the place.');
    return table;
  }
}

function altered(description: TableDescription, change: TableChange): TableDescription {
  const { properties, schema } = description;
  switch (change.kind) {
    case 'set-properties':
      return { ...description, properties: { ...properties, ...change.properties } };
    case 'unset-properties':
      return {
        ...description,
        properties: Object.fromEntries(Object.entries(properties).filter(([key]) => !change.keys.includes(key))),
      };
    case 'set-comment':
      return { ...description, comment: change.comment };
    case 'set-column-comment':
      return { ...description, schema: withColumnComment(schema, change.column[0] ?? '', change.comment) };
    case 'add-columns':
      refuseKnown(schema, change.fields);
      return { ...description, schema: { type: 'struct', fields: [...schema.fields, ...change.fields.fields] } };
  }
}

function refuseKnown(schema: StructType, added: StructType): void {
  const known = new Set(schema.fields.map(({ name }) => name.toLowerCase()));
  if (!added.fields.some(({ name }) => known.has(name.toLowerCase()))) return;
  throw new GatewayError('caller_already_exists', 'The table has such a column already.');
}

function withColumnComment(schema: StructType, column: string, comment: string | undefined): StructType {
  const metadata = comment === undefined ? {} : { comment };
  if (!schema.fields.some((field) => field.name === column)) {
    throw new GatewayError('caller_not_found', `The table has no column ${column}.`);
  }
  return {
    type: 'struct',
    fields: schema.fields.map((field) => (field.name === column ? { ...field, metadata } : field)),
  };
}

function summary(version: number, operation: string, userName: string | undefined): CommitSummary {
  return {
    version,
    timestamp: 1_700_000_000_000 + version,
    operation,
    operationParameters: { description: null },
    operationMetrics: {},
    isBlindAppend: true,
    engineInfo: 'memory',
    userName,
  };
}
