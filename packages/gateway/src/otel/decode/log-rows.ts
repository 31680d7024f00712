import { enumName, severityNumbers } from './enums.ts';
import type { ExportRows } from './export-rows.ts';
import { literal } from './row-writer.ts';

const TIME = literal(',"time_unix_nano":');
const OBSERVED_TIME = literal(',"observed_time_unix_nano":');
const SEVERITY_NUMBER = literal(',"severity_number":"');
const SEVERITY_TEXT = literal('","severity_text":');
const BODY = literal(',"body":');
const ATTRIBUTES = literal(',"attributes":');
const DROPPED = literal(',"dropped_attributes_count":');
const FLAGS = literal(',"flags":');
const TRACE_ID = literal(',"trace_id":');
const SPAN_ID = literal(',"span_id":');
const EVENT_NAME = literal(',"event_name":');
const eventNameKey = literal('event.name');

/** An event name that is only the place in a source file where the event was made, as Rust's tracing fills it in. */
const SOURCE_PLACE = /^event \S+\.\w+(?::\d+)*$/;
/** Longer ones are names of nothing. */
const MAX_SOURCE_PLACE = 1000;

/** A record's parts that are looked at several times: where they are in the body, -1 where there is none. */
interface Place {
  start: number;
  end: number;
}

/** Row of one `LogRecord`. */
export function writeLogRecord(rows: ExportRows, start: number, end: number, head: Uint8Array): void {
  const { reader } = rows;
  const attributes: number[] = [];
  const places: Record<3 | 5 | 9 | 10 | 12, Place> = {
    3: { start: 0, end: 0 },
    5: { start: -1, end: -1 },
    9: { start: 0, end: 0 },
    10: { start: 0, end: 0 },
    12: { start: 0, end: 0 },
  };
  const time = [0, 0];
  const observed = [0, 0];
  let severity = 0;
  let dropped = 0;
  let flags = 0;
  reader.over(start, end, 'LogRecord');
  while (reader.next()) {
    const { field } = reader;
    switch (field) {
      case 1:
      case 11: {
        const which = field === 1 ? time : observed;
        reader.fixed64();
        which[0] = reader.low;
        which[1] = reader.high;
        break;
      }
      case 2:
        severity = reader.int32();
        break;
      case 3:
      case 5:
      case 9:
      case 10:
      case 12:
        reader.range();
        places[field].start = reader.start;
        places[field].end = reader.stop;
        break;
      case 6:
        reader.range();
        attributes.push(reader.start, reader.stop);
        break;
      case 7:
        dropped = reader.uint32();
        break;
      case 8:
        flags = reader.fixed32();
        break;
      default:
        reader.skip();
    }
  }
  // Without any time the record was observed first by this receiver, now (OpenTelemetry logs data model).
  if (isZero(time) && isZero(observed)) setMilliseconds(observed, rows.receivedAt);
  const [low, high] = isZero(time) ? observed : time;
  rows.begin(head);
  if (rows.version === 'v2') rows.identity(low!, high!);
  rows.time(TIME, low!, high!);
  rows.time(OBSERVED_TIME, observed[0]!, observed[1]!);
  rows.rows.raw(SEVERITY_NUMBER);
  rows.rows.ascii(enumName(severityNumbers, severity));
  rows.text(SEVERITY_TEXT, places[3].start, places[3].end);
  rows.hex(TRACE_ID, places[9].start, places[9].end);
  rows.hex(SPAN_ID, places[10].start, places[10].end);
  rows.count32(DROPPED, dropped);
  rows.integer(FLAGS, flags | 0);
  writeBody(rows, places[5]);
  const list = rows.attributes(ATTRIBUTES, attributes);
  const found = list.find(reader.bytes, eventNameKey);
  const named = found < 0 ? { start: -1, end: -1 } : { start: list.entries[found + 2]!, end: list.entries[found + 3]! };
  writeEventName(rows, named, places[12], places[5]);
  rows.end();
}

function writeBody(rows: ExportRows, body: Place): void {
  rows.rows.raw(BODY);
  if (rows.values.isNull(body.start, body.end)) rows.rows.null();
  else if (rows.version === 'v1') rows.values.text(rows.rows, body.start, body.end);
  else rows.values.jsonText(rows.rows, body.start, body.end);
}

/** The name of an event: its attribute `event.name`, else the field, else a body that is text. */
function writeEventName(rows: ExportRows, attribute: Place, field: Place, body: Place): void {
  rows.rows.raw(EVENT_NAME);
  if (!rows.values.isEmpty(attribute.start, attribute.end)) rows.values.text(rows.rows, attribute.start, attribute.end);
  else if (field.end > field.start && !isSourcePlace(rows.reader.bytes, field))
    rows.rows.text(rows.reader.bytes, field.start, field.end);
  else if (rows.values.isText(body.start, body.end)) rows.values.text(rows.rows, body.start, body.end);
  else rows.rows.null();
}

function isSourcePlace(bytes: Uint8Array, { start, end }: Place): boolean {
  if (end - start > MAX_SOURCE_PLACE) return false;
  return SOURCE_PLACE.test(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'));
}

function isZero([low, high]: readonly number[]): boolean {
  return low === 0 && high === 0;
}

function setMilliseconds(time: number[], milliseconds: number): void {
  const nanoseconds = BigInt(Math.floor(milliseconds)) * 1_000_000n;
  time[0] = Number(nanoseconds & 0xffff_ffffn);
  time[1] = Number(nanoseconds >> 32n);
}
