/** Types on the wire (Thrift binary protocol encoding). */
export const ThriftType = {
  STOP: 0,
  BOOL: 2,
  BYTE: 3,
  DOUBLE: 4,
  I16: 6,
  I32: 8,
  I64: 10,
  STRING: 11,
  STRUCT: 12,
  MAP: 13,
  SET: 14,
  LIST: 15,
} as const;

/** Kinds of messages. */
export const MessageKind = { CALL: 1, REPLY: 2, EXCEPTION: 3, ONEWAY: 4 } as const;

/** What a message begins with. */
export interface MessageHead {
  readonly name: string;
  readonly kind: number;
  readonly sequenceId: number;
  /** With a version in front; the answer is written as the call was. */
  readonly strict: boolean;
}

/** The bytes are not a message of the binary protocol, or one beyond the limits. */
export class ThriftFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ThriftFormatError';
  }
}
