import { GatewayError } from '../errors/gateway-error.ts';
import { typeText, type DeltaType, type StructType } from '../lake/schema/delta-type.ts';
import type { OtelSchemaVersion, OtelTableShape, Signal } from './signal.ts';
import { otelSchema, SCHEMA_VERSION_PROPERTY, schemaVersions, signals, tableSuffixes } from './tables.ts';

/** Differences that are named; more are counted. */
const NAMED_DIFFERENCES = 10;

/**
 * Which of the schemas for a signal a table has. Columns and fields of structs may come in any order; names and types
 * must be exactly the same; further columns are fine where they may be null.
 * @param schema the table's columns.
 * @param properties the table's TBLPROPERTIES; `otel.schemaVersion` decides between v1 and v2. Without it the
 *   columns do.
 * @throws GatewayError `caller_table_unfit` that names every difference.
 */
export function matchTable(
  signal: Signal,
  schema: StructType,
  properties: Readonly<Record<string, string>>,
): OtelTableShape {
  const stated = properties[SCHEMA_VERSION_PROPERTY];
  if (stated !== undefined && stated !== 'v1' && stated !== 'v2')
    throw new GatewayError(
      'caller_table_unfit',
      `The table's property '${SCHEMA_VERSION_PROPERTY}' is '${stated.slice(0, 40)}'; it must be 'v1' or 'v2'.`,
    );
  const candidates: readonly OtelSchemaVersion[] = stated === undefined ? schemaVersions : [stated];
  const attempts = candidates.map((version) => ({ version, found: differences(otelSchema(signal, version), schema) }));
  const [best] = attempts.toSorted((one, other) => one.found.length - other.found.length);
  if (best!.found.length === 0) return { signal, version: best!.version, schema };
  throw unfit(signal, schema, best!);
}

function unfit(
  signal: Signal,
  schema: StructType,
  { version, found }: { version: OtelSchemaVersion; found: readonly string[] },
): GatewayError {
  const other = signals.find(
    (each) => each !== signal && schemaVersions.some((one) => differences(otelSchema(each, one), schema).length === 0),
  );
  const suffix = tableSuffixes[signal];
  if (other !== undefined)
    return new GatewayError(
      'caller_table_unfit',
      `The table has the columns for ${other}, but this is the path for ${signal}. Name a table for ${signal} (…_${suffix}).`,
    );
  const more = found.length - NAMED_DIFFERENCES;
  const text = found.slice(0, NAMED_DIFFERENCES).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return new GatewayError(
    'caller_table_unfit',
    `The table does not have the columns for OpenTelemetry ${signal}, schema ${version}: ${text}.`,
  );
}

/**
 * What keeps rows of `wanted` from fitting into a table.
 * @param path where the struct is, with a dot at its end; empty for the table itself.
 */
function differences(wanted: StructType, schema: StructType, path = ''): string[] {
  const columns = new Map(schema.fields.map((column) => [column.name.toLowerCase(), column]));
  const found = wanted.fields.flatMap(({ name, type }) => {
    const column = columns.get(name);
    columns.delete(name);
    if (column === undefined) return [`'${path}${name}' is missing`];
    // The lake takes values by their exact names: such a column would stay empty without a word.
    if (column.name !== name) return [`'${path}${column.name}' must be written '${name}'`];
    return typeDifferences(type, column.type, path + name);
  });
  for (const column of columns.values())
    if (!column.nullable) found.push(`'${path}${column.name}' is not known and may not be null`);
  return found;
}

function typeDifferences(wanted: DeltaType, type: DeltaType, path: string): string[] {
  if (typeof wanted === 'object' && typeof type === 'object') {
    if (wanted.type === 'struct' && type.type === 'struct') return differences(wanted, type, `${path}.`);
    if (wanted.type === 'array' && type.type === 'array')
      return typeDifferences(wanted.elementType, type.elementType, `${path}.element`);
  }
  const [is, must] = [typeText(type), typeText(wanted)];
  return is === must ? [] : [`'${path}' is ${is} instead of ${must}`];
}
