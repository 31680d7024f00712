import { GatewayError } from '../../errors/gateway-error.ts';
import type { StructField } from './delta-type.ts';

/** `delta.columnMapping.mode` (PROTOCOL.md, "Column Mapping"). */
export type ColumnMappingMode = 'none' | 'name' | 'id';

export function columnMappingMode(configuration: Readonly<Record<string, string>>): ColumnMappingMode {
  const mode = configuration['delta.columnMapping.mode'] ?? 'none';
  if (mode === 'none' || mode === 'name' || mode === 'id') return mode;
  throw new GatewayError(
    'gateway_lake_unsupported',
    `The table has the column mapping mode \`${mode}\`, which is not known.`,
  );
}

/** What the field is called in data files, statistics and partition values. */
export function physicalName(field: Pick<StructField, 'name' | 'metadata'>, mode: ColumnMappingMode): string {
  const name = field.metadata['delta.columnMapping.physicalName'];
  return mode !== 'none' && typeof name === 'string' ? name : field.name;
}

/** The field's id in data files. */
export function fieldId(field: StructField): number | undefined {
  const id = field.metadata['delta.columnMapping.id'];
  return typeof id === 'number' ? id : undefined;
}
