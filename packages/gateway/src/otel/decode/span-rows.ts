import { enumName, spanKinds, statusCodes } from './enums.ts';
import type { ExportRows } from './export-rows.ts';
import { literal } from './row-writer.ts';
import { collect } from './walk-export.ts';

const TRACE_ID = literal(',"trace_id":');
const SPAN_ID = literal(',"span_id":');
const TRACE_STATE = literal(',"trace_state":');
const PARENT_SPAN_ID = literal(',"parent_span_id":');
const NAME = literal(',"name":');
const KIND = literal(',"kind":"');
const START = literal('","start_time_unix_nano":');
const END = literal(',"end_time_unix_nano":');
const ATTRIBUTES = literal(',"attributes":');
const DROPPED_ATTRIBUTES = literal(',"dropped_attributes_count":');
const EVENTS = literal(',"events":[');
const EVENT_TIME = literal('{"time_unix_nano":');
const DROPPED_EVENTS = literal('],"dropped_events_count":');
const LINKS = literal(',"links":[');
const LINK_TRACE_ID = literal('{"trace_id":');
const DROPPED_LINKS = literal('],"dropped_links_count":');
const FLAGS = literal(',"flags":');
const STATUS = literal(',"status":');
const MESSAGE = literal('{"message":');
const CODE = literal(',"code":"');
const COMMA = 0x2c;
const CLOSE = 0x7d;

/** Row of one `Span`. */
export function writeSpan(rows: ExportRows, start: number, end: number, head: Uint8Array): void {
  const { reader } = rows;
  const attributes: number[] = [];
  const events: number[] = [];
  const links: number[] = [];
  const status: number[] = [];
  /** Begin and end of the fields 1 to 5: both ids, the state, the parent's id, the name. */
  const texts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const startTime = [0, 0];
  const endTime = [0, 0];
  /** The fields 10, 12 and 14. */
  const dropped = { attributes: 0, events: 0, links: 0 };
  let kind = 0;
  let flags = 0;
  reader.over(start, end, 'Span');
  while (reader.next()) {
    const { field } = reader;
    if (field <= 5) {
      reader.range();
      texts[field * 2 - 2] = reader.start;
      texts[field * 2 - 1] = reader.stop;
    } else if (field === 6) kind = reader.int32();
    else if (field === 7 || field === 8) {
      const time = field === 7 ? startTime : endTime;
      reader.fixed64();
      time[0] = reader.low;
      time[1] = reader.high;
    } else if (field === 10) dropped.attributes = reader.uint32();
    else if (field === 12) dropped.events = reader.uint32();
    else if (field === 14) dropped.links = reader.uint32();
    else if (field === 16) flags = reader.fixed32();
    else collect(rows, { 9: attributes, 11: events, 13: links, 15: status }[field]);
  }
  rows.begin(head);
  if (rows.version === 'v2') rows.identity(startTime[0]!, startTime[1]!);
  rows.hex(TRACE_ID, texts[0]!, texts[1]!);
  rows.hex(SPAN_ID, texts[2]!, texts[3]!);
  rows.text(TRACE_STATE, texts[4]!, texts[5]!);
  rows.hex(PARENT_SPAN_ID, texts[6]!, texts[7]!);
  rows.text(NAME, texts[8]!, texts[9]!);
  rows.rows.raw(KIND);
  rows.rows.ascii(enumName(spanKinds, kind));
  rows.time(START, startTime[0]!, startTime[1]!);
  rows.time(END, endTime[0]!, endTime[1]!);
  rows.attributes(ATTRIBUTES, attributes);
  rows.count32(DROPPED_ATTRIBUTES, dropped.attributes);
  rows.rows.raw(EVENTS);
  for (let index = 0; index < events.length; index += 2) {
    if (index > 0) rows.rows.byte(COMMA);
    writeEvent(rows, events[index]!, events[index + 1]!);
  }
  rows.count32(DROPPED_EVENTS, dropped.events);
  rows.rows.raw(LINKS);
  for (let index = 0; index < links.length; index += 2) {
    if (index > 0) rows.rows.byte(COMMA);
    writeLink(rows, links[index]!, links[index + 1]!);
  }
  rows.count32(DROPPED_LINKS, dropped.links);
  rows.integer(FLAGS, flags | 0);
  writeStatus(rows, status);
  rows.end();
}

function writeEvent(rows: ExportRows, start: number, end: number): void {
  const { reader } = rows;
  const attributes: number[] = [];
  const name = [0, 0];
  const time = [0, 0];
  let dropped = 0;
  reader.over(start, end, 'Event');
  while (reader.next()) {
    if (reader.field === 1) {
      reader.fixed64();
      time[0] = reader.low;
      time[1] = reader.high;
    } else if (reader.field === 2) {
      reader.range();
      name[0] = reader.start;
      name[1] = reader.stop;
    } else if (reader.field === 4) dropped = reader.uint32();
    else collect(rows, reader.field === 3 ? attributes : undefined);
  }
  rows.time(EVENT_TIME, time[0]!, time[1]!);
  rows.text(NAME, name[0]!, name[1]!);
  rows.attributes(ATTRIBUTES, attributes);
  rows.count32(DROPPED_ATTRIBUTES, dropped);
  rows.rows.byte(CLOSE);
}

function writeLink(rows: ExportRows, start: number, end: number): void {
  const { reader } = rows;
  const attributes: number[] = [];
  const texts = [0, 0, 0, 0, 0, 0];
  let dropped = 0;
  let flags = 0;
  reader.over(start, end, 'Link');
  while (reader.next()) {
    const { field } = reader;
    if (field <= 3) {
      reader.range();
      texts[field * 2 - 2] = reader.start;
      texts[field * 2 - 1] = reader.stop;
    } else if (field === 5) dropped = reader.uint32();
    else if (field === 6) flags = reader.fixed32();
    else collect(rows, field === 4 ? attributes : undefined);
  }
  rows.hex(LINK_TRACE_ID, texts[0]!, texts[1]!);
  rows.hex(SPAN_ID, texts[2]!, texts[3]!);
  rows.text(TRACE_STATE, texts[4]!, texts[5]!);
  rows.attributes(ATTRIBUTES, attributes);
  rows.count32(DROPPED_ATTRIBUTES, dropped);
  rows.integer(FLAGS, flags | 0);
  rows.rows.byte(CLOSE);
}

/** The struct of the status; without one it is the unset status, as OTLP says. */
function writeStatus(rows: ExportRows, ranges: readonly number[]): void {
  const { reader } = rows;
  const message = [0, 0];
  let code = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    reader.over(ranges[index]!, ranges[index + 1]!, 'Status');
    while (reader.next()) {
      if (reader.field === 2) {
        reader.range();
        message[0] = reader.start;
        message[1] = reader.stop;
      } else if (reader.field === 3) code = reader.int32();
      else reader.skip();
    }
  }
  rows.rows.raw(STATUS);
  rows.text(MESSAGE, message[0]!, message[1]!);
  rows.rows.raw(CODE);
  rows.rows.ascii(`${enumName(statusCodes, code)}"}`);
}
