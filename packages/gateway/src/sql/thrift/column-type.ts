import type { DeltaType } from '../../lake/schema/delta-type.ts';
import { ThriftType } from './thrift-type.ts';
import { TypeId } from './tcli-constants.ts';
import { i32, list, struct, textMap, valueList, type Written } from './write-message.ts';

/** How the values of a column travel. */
export interface ColumnCodec {
  /** TTypeId */
  readonly typeId: number;
  /** Field of TColumn. */
  readonly field: number;
  /** The values, from text. A null is written as some value; the bitmap says that it is one. */
  values(texts: readonly (string | null)[]): Written;
}

const asText: ColumnCodec['values'] = (texts) =>
  valueList(ThriftType.STRING, texts, (writer, value) => writer.text(value ?? ''));

const booleans: ColumnCodec = {
  typeId: TypeId.BOOLEAN,
  field: 1,
  values: (texts) => valueList(ThriftType.BOOL, texts, (writer, value) => writer.byte(value === 'true' ? 1 : 0)),
};

const strings: ColumnCodec = { typeId: TypeId.STRING, field: 7, values: asText };

const codecs: Readonly<Record<string, ColumnCodec>> = {
  boolean: booleans,
  byte: {
    typeId: TypeId.TINYINT,
    field: 2,
    values: (texts) => valueList(ThriftType.BYTE, texts, (writer, value) => writer.byte(Number(value))),
  },
  short: {
    typeId: TypeId.SMALLINT,
    field: 3,
    values: (texts) => valueList(ThriftType.I16, texts, (writer, value) => writer.i16(Number(value))),
  },
  integer: {
    typeId: TypeId.INT,
    field: 4,
    values: (texts) => valueList(ThriftType.I32, texts, (writer, value) => writer.i32(Number(value))),
  },
  long: {
    typeId: TypeId.BIGINT,
    field: 5,
    values: (texts) => valueList(ThriftType.I64, texts, (writer, value) => writer.i64(BigInt(value ?? 0))),
  },
  float: { typeId: TypeId.FLOAT, field: 6, values: doubles },
  double: { typeId: TypeId.DOUBLE, field: 6, values: doubles },
  string: strings,
  variant: strings,
  date: { typeId: TypeId.DATE, field: 7, values: asText },
  timestamp: { typeId: TypeId.TIMESTAMP, field: 7, values: timestamps },
  timestamp_ntz: { typeId: TypeId.TIMESTAMP, field: 7, values: timestamps },
  binary: {
    typeId: TypeId.BINARY,
    field: 8,
    values: (texts) =>
      valueList(ThriftType.STRING, texts, (writer, value) => writer.binary(Buffer.from(value ?? '', 'base64'))),
  },
  decimal: { typeId: TypeId.DECIMAL, field: 7, values: asText },
  array: { typeId: TypeId.ARRAY, field: 7, values: asText },
  map: { typeId: TypeId.MAP, field: 7, values: asText },
  struct: { typeId: TypeId.STRUCT, field: 7, values: asText },
};

/** How a column of this type travels. Complex types travel as JSON text. */
export function columnCodec(type: DeltaType): ColumnCodec {
  const name = typeof type === 'string' ? type : type.type;
  return codecs[name.startsWith('decimal') ? 'decimal' : name] ?? strings;
}

/** A TTypeDesc. Clients want every type as a primitive entry, a decimal with precision and scale. */
export function typeDescription(type: DeltaType): Written {
  const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(String(type)) ?? [];
  const qualifiers =
    precision === undefined
      ? undefined
      : struct({
          1: textMap([
            ['precision', struct({ 1: i32(Number(precision)) })],
            ['scale', struct({ 1: i32(Number(scale)) })],
          ]),
        });
  const primitive = struct({ 1: i32(columnCodec(type).typeId), 2: qualifiers });
  return struct({ 1: list([struct({ 1: primitive })]) });
}

function doubles(texts: readonly (string | null)[]): Written {
  return valueList(ThriftType.DOUBLE, texts, (writer, value) => writer.double(toDouble(value ?? '0')));
}

/** Infinities are also read as DuckDB writes them. */
function toDouble(value: string): number {
  const infinity = /^([+-]?)inf(inity)?$/i.exec(value);
  return infinity ? (infinity[1] === '-' ? -Infinity : Infinity) : Number(value);
}

function timestamps(texts: readonly (string | null)[]): Written {
  return valueList(ThriftType.STRING, texts, (writer, value) => writer.text(value === null ? '' : toTimestamp(value)));
}

/** `2026-11-22T10:00:00.123Z` as `2026-11-22 10:00:00.123000`. */
function toTimestamp(value: string): string {
  const [, day, time, fraction = ''] = /^(\S+)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?Z?$/.exec(value) ?? [];
  return day === undefined ? value : `${day} ${time}.${fraction.padEnd(6, '0').slice(0, 6)}`;
}
