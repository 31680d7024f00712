/** Types of the Delta protocol's schema serialisation format, as they stand in `metaData.schemaString`. */
export type DeltaType = PrimitiveName | StructType | ArrayType | MapType;

/** `decimal(p,s)` is spelled with its precision and scale. */
export type PrimitiveName =
  | 'string'
  | 'long'
  | 'integer'
  | 'short'
  | 'byte'
  | 'float'
  | 'double'
  | 'boolean'
  | 'binary'
  | 'date'
  | 'timestamp'
  | 'timestamp_ntz'
  | 'variant'
  | `decimal(${number},${number})`;

export interface StructType {
  readonly type: 'struct';
  readonly fields: readonly StructField[];
}

export interface StructField {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: boolean;
  /** `comment`, and what column mapping needs. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface ArrayType {
  readonly type: 'array';
  readonly elementType: DeltaType;
  readonly containsNull: boolean;
}

export interface MapType {
  readonly type: 'map';
  readonly keyType: DeltaType;
  readonly valueType: DeltaType;
  readonly valueContainsNull: boolean;
}

/** A nullable field without metadata, the usual case. */
export function field(name: string, type: DeltaType, comment?: string): StructField {
  return { name, type, nullable: true, metadata: comment === undefined ? {} : { comment } };
}

export function struct(...fields: StructField[]): StructType {
  return { type: 'struct', fields };
}

export function array(elementType: DeltaType): ArrayType {
  return { type: 'array', elementType, containsNull: true };
}

export function map(keyType: DeltaType, valueType: DeltaType): MapType {
  return { type: 'map', keyType, valueType, valueContainsNull: true };
}

/** The type as Databricks SQL writes it, lower case: `struct<a:bigint,b:map<string,string>>`. */
export function typeText(type: DeltaType): string {
  if (typeof type === 'string') return sqlNames[type] ?? type;
  switch (type.type) {
    case 'struct':
      return `struct<${type.fields.map((child) => `${quoteName(child.name)}:${typeText(child.type)}`).join(',')}>`;
    case 'array':
      return `array<${typeText(type.elementType)}>`;
    case 'map':
      return `map<${typeText(type.keyType)},${typeText(type.valueType)}>`;
  }
}

const sqlNames: Readonly<Record<string, string>> = {
  long: 'bigint',
  integer: 'int',
  short: 'smallint',
  byte: 'tinyint',
};

function quoteName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}
