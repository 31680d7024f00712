import type { ExportRows } from './export-rows.ts';
import { literal } from './row-writer.ts';
import { FIXED64, type WireReader } from './wire-reader.ts';

/** Flag of a data point that says that there is no value on purpose. */
export const NO_RECORDED_VALUE = 1;

const START_FIRST = literal('"start_time_unix_nano":');
const NEXT_START = literal(',"start_time_unix_nano":');
const NEXT_TIME = literal(',"time_unix_nano":');
const ATTRIBUTES = literal('"attributes":');
const NEXT_ATTRIBUTES = literal(',"attributes":');
const FLAGS = literal(',"flags":');
const EXEMPLARS = literal(',"exemplars":[');
const EXEMPLAR_TIME = literal('{"time_unix_nano":');
const VALUE = literal(',"value":');
const SPAN_ID = literal(',"span_id":');
const TRACE_ID = literal(',"trace_id":');
const FILTERED_ATTRIBUTES = literal(',"filtered_attributes":');
const COMMA = 0x2c;

/**
 * What data points of all types have. One is used again and again; its fields are public since every type
 * numbers them differently.
 */
export class DataPoint {
  startLow = 0;
  startHigh = 0;
  timeLow = 0;
  timeHigh = 0;
  flags = 0;
  readonly attributes: number[] = [];
  readonly exemplars: number[] = [];

  clear(): void {
    this.startLow = this.startHigh = this.timeLow = this.timeHigh = this.flags = 0;
    this.attributes.length = this.exemplars.length = 0;
  }

  readStart(reader: WireReader): void {
    reader.fixed64();
    this.startLow = reader.low;
    this.startHigh = reader.high;
  }

  readTime(reader: WireReader): void {
    reader.fixed64();
    this.timeLow = reader.low;
    this.timeHigh = reader.high;
  }

  /**
   * Begins the row and its struct, up to the first field.
   * @param open opens the struct: `,"sum":{`.
   */
  begin(rows: ExportRows, head: Uint8Array, open: Uint8Array): void {
    rows.begin(head);
    if (rows.version === 'v2') {
      rows.identity(this.timeLow, this.timeHigh);
      this.#times(rows, NEXT_START);
      rows.rows.raw(open);
      rows.attributes(ATTRIBUTES, this.attributes);
    } else {
      rows.rows.raw(open);
      this.#times(rows, START_FIRST);
      rows.attributes(NEXT_ATTRIBUTES, this.attributes);
    }
    // Flags are bits; the highest one is the sign of INT.
    rows.integer(FLAGS, this.flags | 0);
  }

  #times(rows: ExportRows, start: Uint8Array): void {
    rows.time(start, this.startLow, this.startHigh);
    rows.time(NEXT_TIME, this.timeLow, this.timeHigh);
  }

  writeExemplars(rows: ExportRows): void {
    rows.rows.raw(EXEMPLARS);
    for (let index = 0; index < this.exemplars.length; index += 2) {
      if (index > 0) rows.rows.byte(COMMA);
      writeExemplar(rows, this.exemplars[index]!, this.exemplars[index + 1]!);
    }
    rows.rows.byte(0x5d);
  }
}

function writeExemplar(rows: ExportRows, start: number, end: number): void {
  const { reader } = rows;
  const attributes: number[] = [];
  const spanId = [0, 0];
  const traceId = [0, 0];
  let timeLow = 0;
  let timeHigh = 0;
  let value: number | undefined;
  reader.over(start, end, 'Exemplar');
  while (reader.next()) {
    switch (reader.field) {
      case 2:
        reader.fixed64();
        timeLow = reader.low;
        timeHigh = reader.high;
        break;
      case 3:
        value = reader.double();
        break;
      case 4:
      case 5: {
        const id = reader.field === 4 ? spanId : traceId;
        reader.range();
        id[0] = reader.start;
        id[1] = reader.stop;
        break;
      }
      case 6:
        value = readInteger(reader);
        break;
      case 7:
        reader.range();
        attributes.push(reader.start, reader.stop);
        break;
      default:
        reader.skip();
    }
  }
  rows.time(EXEMPLAR_TIME, timeLow, timeHigh);
  rows.double(VALUE, value);
  rows.hex(SPAN_ID, spanId[0]!, spanId[1]!);
  rows.hex(TRACE_ID, traceId[0]!, traceId[1]!);
  rows.attributes(FILTERED_ATTRIBUTES, attributes);
  rows.rows.byte(0x7d);
}

/** An `sfixed64` as the double next to it, since the columns of values are DOUBLE. */
export function readInteger(reader: WireReader): number {
  reader.fixed64();
  return (reader.high | 0) * 0x1_0000_0000 + reader.low;
}

/** Notes where elements of a repeated number are. @param elementType wire type of one element. */
export function collectElements(reader: WireReader, elementType: number, ranges: number[]): void {
  reader.elements(elementType);
  ranges.push(reader.start, reader.stop);
}

/** An array of unsigned 64-bit numbers, fixed or varints. */
export function writeLongs(rows: ExportRows, name: Uint8Array, ranges: readonly number[], elementType: number): void {
  const { reader } = rows;
  rows.rows.raw(name);
  let first = true;
  for (let index = 0; index < ranges.length; index += 2) {
    reader.over(ranges[index]!, ranges[index + 1]!, 'packed numbers');
    while (reader.more) {
      if (elementType === FIXED64) reader.fixed64Value();
      else reader.varintValue();
      if (!first) rows.rows.byte(COMMA);
      first = false;
      rows.longValue(reader.low, reader.high);
    }
  }
  rows.rows.byte(0x5d);
}

export function writeDoubles(rows: ExportRows, name: Uint8Array, ranges: readonly number[]): void {
  const { reader } = rows;
  rows.rows.raw(name);
  let first = true;
  for (let index = 0; index < ranges.length; index += 2) {
    reader.over(ranges[index]!, ranges[index + 1]!, 'packed numbers');
    while (reader.more) {
      const value = reader.doubleValue();
      if (!first) rows.rows.byte(COMMA);
      first = false;
      rows.rows.double(value);
    }
  }
  rows.rows.byte(0x5d);
}
