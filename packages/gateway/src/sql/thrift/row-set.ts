import type { ResultTable } from '../../unity/result-table.ts';
import { columnCodec, typeDescription } from './column-type.ts';
import { success } from './status.ts';
import { COLUMN_BASED_SET } from './tcli-constants.ts';
import { ThriftType } from './thrift-type.ts';
import { binary, bool, i32, i64, list, struct, text, type Written } from './write-message.ts';

/** A TGetResultSetMetadataResp: columns by name and type, values by column. */
export function resultSetMetadata({ columns }: ResultTable): Written {
  const descriptions = columns.map(({ name, type }, at) =>
    struct({ 1: text(name), 2: typeDescription(type), 3: i32(at + 1) }),
  );
  return struct({
    1: success,
    2: struct({ 1: list(descriptions) }),
    1281: i32(COLUMN_BASED_SET),
    1282: bool(false),
    1287: bool(false),
  });
}

/** A TRowSet of the rows from `from` to before `to`. */
export function rowSet({ columns, rows }: ResultTable, from: number, to: number): Written {
  const part = rows.slice(from, to);
  return struct({
    1: i64(from),
    2: list([]),
    3: list(
      columns.map(({ type }, at) => {
        const codec = columnCodec(type);
        const values = part.map((row) => row[at] ?? null);
        return struct({ [codec.field]: struct({ 1: codec.values(values), 2: binary(nullBitmap(values)) }) });
      }),
      ThriftType.STRUCT,
    ),
  });
}

/** One bit per value, lowest first; set where it is null. */
function nullBitmap(values: readonly (string | null)[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [at, value] of values.entries()) if (value === null) bits[at >> 3]! |= 1 << (at & 7);
  return bits;
}
