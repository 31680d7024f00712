import type { CommitSummary } from '../../lake/lake.ts';
import { map, typeText, type StructField } from '../../lake/schema/delta-type.ts';
import type { TableInfo } from '../catalog.ts';
import type { Describe } from '../ddl/catalog-statement.ts';
import { sqlName } from '../names.ts';
import { insufficient, notATable } from '../refusals.ts';
import type { ResultTable } from '../result-table.ts';
import { propertiesText, textResult, timeText, typedResult } from './result.ts';
import type { StatementRun } from './statement-run.ts';

type Row = [string, string | null, string | null];

/** DESCRIBE of a table, its history or detail, a schema, a catalog. */
export async function runDescribe(statement: Describe, run: StatementRun): Promise<ResultTable> {
  switch (statement.kind) {
    case 'describe-table':
      return describeTable(statement, run);
    case 'describe-history':
      return describeHistory(statement, run);
    case 'describe-detail':
      return describeDetail(statement, run);
    case 'describe-schema':
      return describeSchema(statement, run);
    case 'describe-catalog':
      return describeCatalog(statement, run);
  }
}

async function describeTable({ name, extended }: Describe, run: StatementRun): Promise<ResultTable> {
  const info = run.catalog.tableInfo(name, run.caller, run.defaults);
  const description = await run.catalog.describe(info);
  const { fields } = description?.schema ?? (await run.catalog.columns(info));
  const rows: Row[] = fields.map(columnRow);
  const partitions = fields.filter((field) => description?.partitionColumns.includes(field.name));
  if (partitions.length > 0) {
    rows.push(
      ['# Partition Information', '', ''],
      ['# col_name', 'data_type', 'comment'],
      ...partitions.map(columnRow),
    );
  }
  if (extended) {
    const details = { ...detailsOf(info), ...(description && deltaDetails(description.uri, description.properties)) };
    rows.push(['', '', ''], ['# Detailed Table Information', '', '']);
    rows.push(...Object.entries(details).map(([key, value]): Row => [key, value, '']));
  }
  return textResult(['col_name', 'data_type', 'comment'], rows);
}

function columnRow({ name, type, metadata }: StructField): Row {
  return [name, typeText(type), typeof metadata['comment'] === 'string' ? metadata['comment'] : null];
}

function detailsOf(info: TableInfo): Record<string, string> {
  return {
    Catalog: info.catalog,
    Database: info.schema,
    Table: info.name,
    Owner: info.owner,
    'Created Time': timeText(info.createdAt),
    'Created By': info.createdBy,
    Type: info.kind === 'MANAGED' ? 'MANAGED' : 'VIEW',
    ...(info.comment === undefined ? {} : { Comment: info.comment }),
    ...(info.viewText === undefined ? {} : { 'View Text': info.viewText }),
  };
}

function deltaDetails(uri: string, properties: Readonly<Record<string, string>>): Record<string, string> {
  return { Location: uri, Provider: 'delta', 'Table Properties': propertiesText(properties) };
}

async function describeHistory({ name, limit }: Describe, run: StatementRun): Promise<ResultTable> {
  const commits = await run.lake.history(await fullyReadable(name, run), limit);
  return typedResult(
    {
      version: 'long',
      timestamp: 'timestamp',
      userName: 'string',
      operation: 'string',
      operationParameters: map('string', 'string'),
      operationMetrics: map('string', 'string'),
      isBlindAppend: 'boolean',
      engineInfo: 'string',
    },
    commits.map((commit) => [
      String(commit.version),
      timeText(commit.timestamp),
      commit.userName ?? null,
      commit.operation,
      parametersText(commit),
      JSON.stringify(commit.operationMetrics),
      commit.isBlindAppend === undefined ? null : String(commit.isBlindAppend),
      commit.engineInfo ?? null,
    ]),
  );
}

function parametersText({ operationParameters }: CommitSummary): string {
  const texts = Object.entries(operationParameters).map(([key, value]) => [
    key,
    value === null || typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return JSON.stringify(Object.fromEntries(texts));
}

async function describeDetail({ name }: Describe, run: StatementRun): Promise<ResultTable> {
  const location = await fullyReadable(name, run);
  const info = run.catalog.tableInfo(name, run.caller, run.defaults);
  const detail = await run.lake.describe(location);
  return typedResult(
    {
      format: 'string',
      id: 'string',
      name: 'string',
      description: 'string',
      location: 'string',
      createdAt: 'timestamp',
      lastModified: 'timestamp',
      partitionColumns: { type: 'array', elementType: 'string', containsNull: true },
      numFiles: 'long',
      sizeInBytes: 'long',
      properties: map('string', 'string'),
      minReaderVersion: 'integer',
      minWriterVersion: 'integer',
      tableFeatures: { type: 'array', elementType: 'string', containsNull: true },
    },
    [
      [
        'delta',
        detail.id,
        sqlName([info.catalog, info.schema, info.name]),
        detail.comment ?? null,
        detail.uri,
        timeText(detail.createdAt ?? info.createdAt),
        timeText(detail.committedAt),
        JSON.stringify(detail.partitionColumns),
        String(detail.files),
        String(detail.bytes),
        JSON.stringify(detail.properties),
        String(detail.minReaderVersion),
        String(detail.minWriterVersion),
        JSON.stringify(detail.features),
      ],
    ],
  );
}

function describeSchema({ name, extended }: Describe, run: StatementRun): ResultTable {
  const info = run.catalog.schemaInfo(name, run.caller, run.defaults);
  const rows = [
    ['Catalog Name', info.catalog],
    ['Namespace Name', info.name],
    ['Comment', info.comment ?? ''],
    ['Owner', info.owner],
    ...(extended
      ? [
          ['Created By', info.createdBy],
          ['Created At', timeText(info.createdAt)],
          ['Tags', propertiesText(info.tags)],
        ]
      : []),
  ];
  return textResult(['database_description_item', 'database_description_value'], rows);
}

function describeCatalog({ name, extended }: Describe, run: StatementRun): ResultTable {
  const info = run.catalog.catalogInfo(name[0] ?? '', run.caller);
  const rows = [
    ['Catalog Name', info.name],
    ['Comment', info.comment ?? ''],
    ['Owner', info.owner],
    ...(extended
      ? [
          ['Catalog Type', info.builtIn ? 'System' : 'Regular'],
          ['Created By', info.createdBy],
          ['Created At', timeText(info.createdAt)],
          ['Tags', propertiesText(info.tags)],
        ]
      : []),
  ];
  return textResult(['info_name', 'info_value'], rows);
}

/** Location of a managed table that the caller may read in full. */
async function fullyReadable(name: readonly string[], run: StatementRun): Promise<string> {
  const { info, ownRowsColumn } = await run.catalog.readable(name, run.caller, run.defaults);
  const parts = [info.catalog, info.schema, info.name];
  if (ownRowsColumn !== undefined) throw insufficient('SELECT', { kind: 'TABLE', name: parts });
  if (!info.table) throw notATable(parts);
  return info.table.location;
}
