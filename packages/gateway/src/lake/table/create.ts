import type { NewTable } from '../lake.ts';
import type { Metadata } from '../log/actions.ts';
import { checkNewSchema } from '../schema/check-schema.ts';
import { duckdbType } from '../schema/duckdb-type.ts';
import { fieldNamed } from '../schema/find-column.ts';
import { schemaText } from '../schema/parse-schema.ts';
import type { LakeTable } from './lake-table.ts';
import { protocolFor } from './protocol-for.ts';
import { checkProperties } from './table-properties-check.ts';

/** Makes an empty table: version 0 of its log. @throws GatewayError `caller_already_exists`. */
export async function createTable(
  table: LakeTable,
  request: NewTable,
  userName?: string,
): Promise<{ readonly version: number }> {
  const { schema, properties, comment } = request;
  checkNewSchema(schema, request.partitionColumns);
  checkProperties(properties);
  duckdbType(schema);
  const partitionColumns = (request.partitionColumns ?? []).map((name) => fieldNamed(schema, name)?.name ?? name);
  const metaData: Metadata = {
    id: request.id,
    ...(comment === undefined ? {} : { description: comment }),
    format: { provider: 'parquet', options: {} },
    schemaString: schemaText(schema),
    partitionColumns,
    configuration: { ...properties },
    createdTime: table.now(),
  };
  const { version } = await table.log.commit({
    read: undefined,
    actions: [{ protocol: protocolFor(schema) }, { metaData }],
    operation: 'CREATE TABLE',
    operationParameters: {
      partitionBy: JSON.stringify(partitionColumns),
      properties: JSON.stringify(properties),
      isManaged: 'false',
      ...(comment === undefined ? {} : { description: comment }),
    },
    isBlindAppend: true,
    ...(userName === undefined ? {} : { userName }),
  });
  return { version };
}
