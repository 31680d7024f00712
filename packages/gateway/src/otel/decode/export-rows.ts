import type { OtelSchemaVersion } from '../signal.ts';
import { ValueWriter } from './any-value.ts';
import { AttributeList } from './attribute-list.ts';
import { isoMicroseconds } from './nanoseconds.ts';
import { RecordIds } from './record-ids.ts';
import { literal, RowWriter } from './row-writer.ts';
import { WireReader } from './wire-reader.ts';

/** Different reasons that are told; the others are only counted. */
const TOLD_REASONS = 5;
const MAX_INT = 0x7fff_ffff;
/** What rows take of what their body takes, mostly a little less. */
const ROW_BYTES_PER_BYTE = 2.25;
const recordIds = new RecordIds();

const END = literal('}\n');
const RECORD_ID = literal(',"record_id":"');
const TIME = literal('","time":');
const DATE = literal(',"date":');

/**
 * One export request on its way to rows: the reader on the body, the writer of the rows, and what both
 * need in between. The three signals write their rows through it.
 */
export class ExportRows {
  readonly reader: WireReader;
  readonly rows: RowWriter;
  readonly version: OtelSchemaVersion;
  /** When the request came, milliseconds since 1970. */
  readonly receivedAt: number;
  readonly values: ValueWriter;
  readonly #attributes = new AttributeList();
  readonly #reasons = new Map<string, number>();
  #count = 0;
  #rejected = 0;
  #rowStart = 0;
  #unfit: string | undefined;

  constructor(
    body: Uint8Array,
    options: { message: string; version: OtelSchemaVersion; receivedAt: number; maxRowBytes: number },
  ) {
    this.reader = new WireReader(body, options.message);
    this.rows = new RowWriter(options.maxRowBytes, body.length * ROW_BYTES_PER_BYTE);
    this.values = new ValueWriter(this.reader, new RowWriter(options.maxRowBytes));
    this.version = options.version;
    this.receivedAt = options.receivedAt;
  }

  get count(): number {
    return this.#count;
  }

  get rejected(): number {
    return this.#rejected;
  }

  /** Why records were refused, each reason with how often. */
  get message(): string {
    return [...this.#reasons]
      .map(([reason, times]) => (times === 1 ? reason : `${reason} (${times} times)`))
      .join('; ');
  }

  /** Begins a row with `head`, which opens its object. */
  begin(head: Uint8Array): void {
    this.#rowStart = this.rows.length;
    this.#unfit = undefined;
    this.rows.raw(head);
  }

  /** Ends the row, or takes it back where one of its values did not fit. */
  end(): void {
    if (this.#unfit !== undefined) {
      this.rows.truncate(this.#rowStart);
      return this.reject(this.#unfit);
    }
    this.rows.raw(END);
    this.#count += 1;
  }

  /** Counts a record that becomes no row. */
  reject(reason: string): void {
    this.#rejected += 1;
    const times = this.#reasons.get(reason);
    if (times !== undefined || this.#reasons.size < TOLD_REASONS) this.#reasons.set(reason, (times ?? 0) + 1);
  }

  /** Bytes of what `write` writes, which does not stay in the rows. */
  part(write: () => void): Uint8Array {
    const start = this.rows.length;
    write();
    const part = this.rows.written.slice(start);
    this.rows.truncate(start);
    return part;
  }

  /** Text from `start` to `end` of the body. */
  text(name: Uint8Array, start: number, end: number): void {
    this.rows.raw(name);
    this.rows.text(this.reader.bytes, start, end);
  }

  hex(name: Uint8Array, start: number, end: number): void {
    this.rows.raw(name);
    this.rows.hex(this.reader.bytes, start, end);
  }

  /** An unsigned number for a LONG column. */
  long(name: Uint8Array, low: number, high: number): void {
    this.rows.raw(name);
    this.longValue(low, high);
  }

  longValue(low: number, high: number): void {
    if (high <= MAX_INT) return this.rows.uint64(low, high);
    this.#unfit = 'a number above 9223372036854775807 does not fit in a LONG column';
    this.rows.null();
  }

  /** A time in nanoseconds since 1970; 0 means that it is not known. */
  time(name: Uint8Array, low: number, high: number): void {
    this.rows.raw(name);
    if (low === 0 && high === 0) this.rows.null();
    else this.longValue(low, high);
  }

  integer(name: Uint8Array, value: number): void {
    this.rows.raw(name);
    this.rows.integer(value);
  }

  /** A `uint32` count for an INT column, which holds 31 bits: larger ones become the largest. */
  count32(name: Uint8Array, value: number): void {
    this.integer(name, value > MAX_INT ? MAX_INT : value);
  }

  double(name: Uint8Array, value: number | undefined): void {
    this.rows.raw(name);
    if (value === undefined) this.rows.null();
    else this.rows.double(value);
  }

  /** Attributes as the version has them: a MAP, or the text of a JSON object. Returns their list for a look into it. */
  attributes(name: Uint8Array, ranges: readonly number[]): AttributeList {
    this.rows.raw(name);
    const list = this.#attributes.read(this.reader, ranges);
    if (this.version === 'v1') this.values.map(this.rows, list);
    else this.values.mapJsonText(this.rows, list);
    return list;
  }

  /** The columns that v2 adds to every row. The time is that of the record, 0 where not known. */
  identity(low: number, high: number): void {
    const { rows } = this;
    rows.raw(RECORD_ID);
    rows.ascii(recordIds.next(this.receivedAt));
    rows.raw(TIME);
    const known = (low !== 0 || high !== 0) && high <= MAX_INT;
    const time = known ? `"${isoMicroseconds(low, high)}"` : 'null';
    rows.ascii(time);
    rows.raw(DATE);
    rows.ascii(known ? `${time.slice(0, 11)}"` : time);
  }
}
