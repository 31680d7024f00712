import { ThriftType, type MessageHead } from './thrift-type.ts';
import { ThriftWriter } from './thrift-writer.ts';

/** A value to be written: its type on the wire, and how. */
export interface Written {
  readonly type: number;
  write(writer: ThriftWriter): void;
}

/** Fields by id. Those that are `undefined` are left out. */
export type Fields = Readonly<Record<number, Written | undefined>>;

export function bool(value: boolean): Written {
  return { type: ThriftType.BOOL, write: (writer) => writer.byte(value ? 1 : 0) };
}

export function i16(value: number): Written {
  return { type: ThriftType.I16, write: (writer) => writer.i16(value) };
}

export function i32(value: number): Written {
  return { type: ThriftType.I32, write: (writer) => writer.i32(value) };
}

export function i64(value: number): Written {
  return { type: ThriftType.I64, write: (writer) => writer.i64(BigInt(value)) };
}

export function text(value: string): Written {
  return { type: ThriftType.STRING, write: (writer) => writer.text(value) };
}

export function binary(value: Uint8Array): Written {
  return { type: ThriftType.STRING, write: (writer) => writer.binary(value) };
}

export function struct(fields: Fields): Written {
  return {
    type: ThriftType.STRUCT,
    write(writer) {
      for (const [id, field] of Object.entries(fields)) {
        if (!field) continue;
        writer.byte(field.type);
        writer.i16(Number(id));
        field.write(writer);
      }
      writer.byte(ThriftType.STOP);
    },
  };
}

/** A list whose elements are all of `type`, the type of the first where there is one. */
export function list(items: readonly Written[], type: number = items[0]?.type ?? ThriftType.STRUCT): Written {
  return {
    type: ThriftType.LIST,
    write(writer) {
      writer.byte(type);
      writer.i32(items.length);
      for (const item of items) item.write(writer);
    },
  };
}

/** A list of many plain values, which are not wrapped one by one. */
export function valueList<T>(
  type: number,
  values: readonly T[],
  write: (writer: ThriftWriter, value: T) => void,
): Written {
  return {
    type: ThriftType.LIST,
    write(writer) {
      writer.byte(type);
      writer.i32(values.length);
      for (const value of values) write(writer, value);
    },
  };
}

/** A map from text to values of one type. */
export function textMap(entries: readonly (readonly [string, Written])[]): Written {
  return {
    type: ThriftType.MAP,
    write(writer) {
      writer.byte(ThriftType.STRING);
      writer.byte(entries[0]?.[1].type ?? ThriftType.STRING);
      writer.i32(entries.length);
      for (const [key, value] of entries) {
        writer.text(key);
        value.write(writer);
      }
    },
  };
}

/** A whole message, strict or not as its head says. */
export function writeMessage({ name, kind, sequenceId, strict }: MessageHead, body: Written): Buffer {
  const writer = new ThriftWriter();
  if (strict) {
    writer.i32(0x80010000 | kind | 0);
    writer.text(name);
  } else {
    writer.text(name);
    writer.byte(kind);
  }
  writer.i32(sequenceId);
  body.write(writer);
  return writer.finish();
}
