import { GatewayError } from '../../errors/gateway-error.ts';
import { sqlName } from '../parquet/sql-text.ts';
import type { DeltaType, PrimitiveName } from './delta-type.ts';

/** How a type's parts are spelled where DuckDB sees them. */
export interface TypeSpelling {
  /** A primitive's DuckDB type. */
  readonly primitive?: (name: PrimitiveName) => string;
  /** A field's name. */
  readonly fieldName?: (field: {
    readonly name: string;
    readonly metadata: Readonly<Record<string, unknown>>;
  }) => string;
}

/**
 * The type in DuckDB that holds a Delta type's values: `timestamp` is TIMESTAMP WITH TIME ZONE, `timestamp_ntz` TIMESTAMP.
 * @throws GatewayError `gateway_lake_unsupported` for `variant` and for structs without fields.
 */
export function duckdbType(type: DeltaType, spelling: TypeSpelling = {}): string {
  if (typeof type === 'string') return (spelling.primitive ?? duckdbPrimitive)(type);
  switch (type.type) {
    case 'struct': {
      if (type.fields.length === 0)
        throw new GatewayError('gateway_lake_unsupported', 'The table has a struct without fields.');
      const nameOf = spelling.fieldName ?? ((field) => field.name);
      return `STRUCT(${type.fields.map((field) => `${sqlName(nameOf(field))} ${duckdbType(field.type, spelling)}`).join(', ')})`;
    }
    case 'array':
      return `${duckdbType(type.elementType, spelling)}[]`;
    case 'map':
      return `MAP(${duckdbType(type.keyType, spelling)}, ${duckdbType(type.valueType, spelling)})`;
  }
}

/** The DuckDB type of one primitive. */
export function duckdbPrimitive(name: PrimitiveName): string {
  if (name === 'variant') {
    throw new GatewayError('gateway_lake_unsupported', 'The table has a VARIANT column, which is not supported.');
  }
  return primitives[name] ?? name.toUpperCase();
}

const primitives: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  long: 'BIGINT',
  integer: 'INTEGER',
  short: 'SMALLINT',
  byte: 'TINYINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  timestamp_ntz: 'TIMESTAMP',
};
