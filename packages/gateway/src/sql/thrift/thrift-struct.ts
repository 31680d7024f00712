/** A value as it was read. Strings are bytes, since the wire does not tell text from binary. */
export type ThriftValue = boolean | number | bigint | Buffer | ThriftStruct | readonly ThriftValue[] | ThriftMap;

/** A map, as its pairs. */
export class ThriftMap {
  readonly entries: readonly (readonly [ThriftValue, ThriftValue])[];

  constructor(entries: readonly (readonly [ThriftValue, ThriftValue])[]) {
    this.entries = entries;
  }
}

/**
 * A struct as it was read: values by field id. A field of another type than asked for is taken as absent,
 * as generated readers do.
 */
export class ThriftStruct {
  readonly #fields: ReadonlyMap<number, ThriftValue>;

  constructor(fields: ReadonlyMap<number, ThriftValue>) {
    this.#fields = fields;
  }

  value(id: number): ThriftValue | undefined {
    return this.#fields.get(id);
  }

  bool(id: number): boolean | undefined {
    const value = this.#fields.get(id);
    return typeof value === 'boolean' ? value : undefined;
  }

  /** A byte, i16, i32 or double. */
  number(id: number): number | undefined {
    const value = this.#fields.get(id);
    return typeof value === 'number' ? value : undefined;
  }

  /** An i64, cut to what a number can hold exactly. */
  long(id: number): number | undefined {
    const value = this.#fields.get(id);
    if (typeof value !== 'bigint') return undefined;
    const most = BigInt(Number.MAX_SAFE_INTEGER);
    return Number(value > most ? most : value < -most ? -most : value);
  }

  bytes(id: number): Buffer | undefined {
    const value = this.#fields.get(id);
    return Buffer.isBuffer(value) ? value : undefined;
  }

  text(id: number): string | undefined {
    return this.bytes(id)?.toString('utf8');
  }

  struct(id: number): ThriftStruct | undefined {
    const value = this.#fields.get(id);
    return value instanceof ThriftStruct ? value : undefined;
  }

  structs(id: number): ThriftStruct[] {
    return this.#list(id).filter((item) => item instanceof ThriftStruct);
  }

  texts(id: number): string[] {
    return this.#list(id)
      .filter((item) => Buffer.isBuffer(item))
      .map((item) => item.toString('utf8'));
  }

  #list(id: number): readonly ThriftValue[] {
    const value = this.#fields.get(id);
    return Array.isArray(value) ? (value as readonly ThriftValue[]) : [];
  }
}
