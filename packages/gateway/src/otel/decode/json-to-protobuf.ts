import { GatewayError } from '../../errors/gateway-error.ts';
import { asRecord, type JsonRecord } from '../../lib/json-value.ts';
import type { Signal } from '../signal.ts';
import { MAX_VALUE_DEPTH } from './any-value.ts';
import { anyValue, exportRequests, type FieldKind, type FieldType, type MessageType } from './messages.ts';
import { WireWriter } from './wire-writer.ts';

/** Whole numbers of 16 digits and more lose their last digits as doubles. */
const LONG_NUMBER = /[[:,\s]-?\d{16}/;
const MAX_SHOWN = 40;

/** `JSON.parse` with the source text of numbers, which TypeScript does not know yet. */
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/**
 * An OTLP/JSON export request as the protobuf message it stands for, so that both encodings become rows in
 * the same way. Ids are hexadecimal, 64-bit numbers strings or numbers (exact in both), enums names or
 * numbers; unknown fields are left out (OTLP specification, JSON protobuf encoding).
 * @throws GatewayError `caller_otlp_invalid` with the path of the field that is wrong.
 */
export function jsonToProtobuf(body: Uint8Array, signal: Signal): Uint8Array {
  const request = asRecord(parse(body));
  if (request === undefined) throw invalid('it is not a JSON object');
  const type = exportRequests[signal];
  for (const [other, { fields }] of Object.entries(exportRequests))
    for (const name of fields.keys())
      if (other !== signal && name in request && ![...type.fields.keys()].some((own) => own in request))
        throw invalid(`it has the field '${name}', which belongs to ${other}, not to ${signal}`);
  const encoder = new JsonEncoder(body.length);
  encoder.fields(type, request, 0);
  return encoder.writer.written;
}

function parse(body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body);
  try {
    if (!LONG_NUMBER.test(text)) return JSON.parse(text);
    return parseWithSource(text, (_key, value, { source }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
        ? BigInt(source)
        : value,
    );
  } catch (error) {
    throw invalid(
      error instanceof SyntaxError ? `it is not JSON: ${error.message.slice(0, 200)}` : 'it nests too deeply',
    );
  }
}

class JsonEncoder {
  readonly writer: WireWriter;
  readonly #path: (string | number)[] = [];

  constructor(expectedBytes: number) {
    this.writer = new WireWriter(expectedBytes);
  }

  /** @param depth how many attribute values lie around it, itself included. */
  fields(type: MessageType, value: JsonRecord, depth: number): void {
    if (depth > MAX_VALUE_DEPTH + 1) throw this.#wrong(`may nest at most ${MAX_VALUE_DEPTH} lists in each other`);
    for (const name of Object.keys(value)) {
      const field = type.fields.get(name);
      const content = value[name];
      if (field === undefined || content === null) continue;
      this.#path.push(name);
      if (field.repeated) this.#repeated(field, content, depth);
      else this.#single(field.number, field.kind, content, depth);
      this.#path.pop();
    }
  }

  #repeated({ number, kind }: FieldType, content: unknown, depth: number): void {
    if (!Array.isArray(content)) throw this.#wrong('must be an array');
    for (let index = 0; index < content.length; index += 1) {
      this.#path.push(index);
      this.#single(number, kind, content[index], depth);
      this.#path.pop();
    }
  }

  #single(number: number, kind: FieldKind, content: unknown, depth: number): void {
    const { writer } = this;
    if (typeof kind === 'object') {
      if ('enum' in kind) return writer.varint(number, this.#enum(content, kind.enum));
      const record = asRecord(content);
      if (record === undefined) throw this.#wrong('must be an object');
      const type = kind.message();
      return writer.message(number, () => this.fields(type, record, type === anyValue ? depth + 1 : depth));
    }
    switch (kind) {
      case 'string':
        if (typeof content !== 'string') throw this.#wrong('must be a string');
        return writer.text(number, content);
      case 'bytes':
        if (typeof content !== 'string') throw this.#wrong('must be a string of base64');
        return writer.bytes(number, Buffer.from(content, 'base64'));
      case 'hex':
        if (typeof content !== 'string' || content.length % 2 !== 0 || !/^[\da-f]*$/i.test(content))
          throw this.#wrong('must be a string of hexadecimal digits');
        return writer.bytes(number, Buffer.from(content, 'hex'));
      case 'bool':
        if (typeof content !== 'boolean') throw this.#wrong('must be true or false');
        return writer.varint(number, content ? 1n : 0n);
      case 'double':
        return writer.double(number, this.#double(content));
      case 'int64':
        return writer.varint(number, this.#whole(content, -(2n ** 63n), 2n ** 63n));
      case 'uint64':
        return writer.varint(number, this.#whole(content, 0n, 2n ** 64n));
      case 'sfixed64':
        return writer.fixed64(number, this.#whole(content, -(2n ** 63n), 2n ** 63n));
      case 'fixed64':
        return writer.fixed64(number, this.#whole(content, 0n, 2n ** 64n));
      case 'uint32':
        return writer.varint(number, this.#whole(content, 0n, 2n ** 32n));
      case 'fixed32':
        return writer.fixed32(number, Number(this.#whole(content, 0n, 2n ** 32n)));
      case 'sint32':
        return writer.sint32(number, Number(this.#whole(content, -(2n ** 31n), 2n ** 31n)));
    }
  }

  #whole(content: unknown, least: bigint, below: bigint): bigint {
    let value: bigint | undefined;
    if (typeof content === 'bigint') value = content;
    else if (typeof content === 'number' && Number.isInteger(content)) value = BigInt(content);
    else if (typeof content === 'string' && /^-?\d{1,20}$/.test(content)) value = BigInt(content);
    if (value === undefined || value < least || value >= below)
      throw this.#wrong(`must be a whole number from ${least} to ${below - 1n}`);
    return value;
  }

  #double(content: unknown): number {
    if (content === 'NaN') return Number.NaN;
    if (content === 'Infinity') return Number.POSITIVE_INFINITY;
    if (content === '-Infinity') return Number.NEGATIVE_INFINITY;
    const isNumber =
      typeof content === 'number' ||
      typeof content === 'bigint' ||
      (typeof content === 'string' && /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(content));
    if (!isNumber) throw this.#wrong("must be a number, 'NaN', 'Infinity' or '-Infinity'");
    const value = Number(content);
    if (!Number.isFinite(value)) throw this.#wrong('is too large for a double');
    return value;
  }

  #enum(content: unknown, names: readonly string[]): bigint {
    if (typeof content !== 'string' || /^-?\d+$/.test(content)) return this.#whole(content, -(2n ** 31n), 2n ** 31n);
    const index = names.indexOf(content);
    if (index < 0) throw this.#wrong(`must be a number, or one of ${names.join(', ')}`);
    return BigInt(index);
  }

  #wrong(what: string): GatewayError {
    const path = this.#path
      .slice(0, MAX_SHOWN)
      .reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`), '');
    return invalid(`${path.slice(1)} ${what}`);
  }
}

function invalid(what: string): GatewayError {
  return new GatewayError('caller_otlp_invalid', `The body is not an OTLP/JSON export request: ${what}.`);
}
