import type { TableChange } from '../lake.ts';
import type { Action, Metadata } from '../log/actions.ts';
import { checkWritable } from '../log/protocol.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { addColumns, withComment } from '../schema/change-schema.ts';
import { checkNewSchema } from '../schema/check-schema.ts';
import type { StructType } from '../schema/delta-type.ts';
import { schemaText } from '../schema/parse-schema.ts';
import { withSnapshot, type LakeTable } from './lake-table.ts';
import { protocolChange } from './protocol-for.ts';
import { checkProperties } from './table-properties-check.ts';

/** What a change comes down to in the log. */
interface Alteration {
  readonly metadata: Metadata;
  readonly schema?: StructType;
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Commits a change of the table's metadata. */
export async function alterTable(
  table: LakeTable,
  change: TableChange,
  userName?: string,
): Promise<{ readonly version: number }> {
  return withSnapshot(table, async (snapshot) => {
    checkWritable(snapshot.protocol, snapshot.metadata);
    const { metadata, schema, operation, parameters } = alteration(snapshot, change);
    const protocol = schema ? protocolChange(snapshot.protocol, schema) : undefined;
    const actions: Action[] = [...(protocol ? [{ protocol }] : []), { metaData: metadata }];
    const { version } = await table.log.commit({
      read: snapshot,
      actions,
      operation,
      operationParameters: parameters,
      isBlindAppend: false,
      ...(userName === undefined ? {} : { userName }),
    });
    return { version };
  });
}

function alteration({ metadata, schema }: Snapshot, change: TableChange): Alteration {
  switch (change.kind) {
    case 'set-properties':
      checkProperties(change.properties);
      return {
        metadata: { ...metadata, configuration: { ...metadata.configuration, ...change.properties } },
        operation: 'SET TBLPROPERTIES',
        parameters: { properties: JSON.stringify(change.properties) },
      };
    case 'unset-properties': {
      const kept = Object.entries(metadata.configuration).filter(([key]) => !change.keys.includes(key));
      return {
        metadata: { ...metadata, configuration: Object.fromEntries(kept) },
        operation: 'UNSET TBLPROPERTIES',
        parameters: { properties: JSON.stringify(change.keys), ifExists: 'true' },
      };
    }
    case 'set-comment': {
      const { description: _, ...rest } = metadata;
      return {
        metadata: change.comment === undefined ? rest : { ...rest, description: change.comment },
        operation: 'SET TBLPROPERTIES',
        parameters: { properties: JSON.stringify({ comment: change.comment ?? null }) },
      };
    }
    case 'set-column-comment': {
      const commented = withComment(schema, change.column, change.comment);
      return {
        metadata: { ...metadata, schemaString: schemaText(commented) },
        operation: 'CHANGE COLUMN',
        parameters: { column: JSON.stringify({ name: change.column.join('.'), comment: change.comment ?? null }) },
      };
    }
    case 'add-columns': {
      const wider = addColumns(schema, change.fields);
      checkNewSchema(change.fields);
      return {
        metadata: { ...metadata, schemaString: schemaText(wider) },
        schema: wider,
        operation: 'ADD COLUMNS',
        parameters: { columns: JSON.stringify(change.fields.fields.map((column) => ({ column }))) },
      };
    }
  }
}
