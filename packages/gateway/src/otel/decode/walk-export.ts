import type { Signal } from '../signal.ts';
import type { ExportRows } from './export-rows.ts';
import { literal } from './row-writer.ts';

const RESOURCE = literal('{"resource":');
const SCOPE = literal(',"instrumentation_scope":');
const ATTRIBUTES = literal('{"attributes":');
const MORE_ATTRIBUTES = literal(',"attributes":');
const DROPPED = literal(',"dropped_attributes_count":');
const RESOURCE_SCHEMA = literal(',"resource_schema_url":');
const SERVICE_NAME = literal(',"service_name":');
const NAME = literal('{"name":');
const VERSION = literal(',"version":');
const CLOSE = 0x7d;
const serviceNameKey = literal('service.name');

const wording = {
  metrics: { resource: 'ResourceMetrics', scope: 'ScopeMetrics', schema: literal(',"metric_schema_url":') },
  logs: { resource: 'ResourceLogs', scope: 'ScopeLogs', schema: literal(',"log_schema_url":') },
  traces: { resource: 'ResourceSpans', scope: 'ScopeSpans', schema: literal(',"span_schema_url":') },
} as const satisfies Record<Signal, unknown>;

/**
 * Goes through an export request, which is built alike for the three signals: resources, in them scopes,
 * in them records.
 * @param visit called for every record with its range and the columns that it shares with its neighbours.
 */
export function walkExport(
  rows: ExportRows,
  signal: Signal,
  visit: (start: number, end: number, head: Uint8Array) => void,
): void {
  const resources: number[] = [];
  const { reader } = rows;
  while (reader.next()) collect(rows, reader.field === 1 ? resources : undefined);
  for (let index = 0; index < resources.length; index += 2)
    walkResource(rows, signal, resources[index]!, resources[index + 1]!, visit);
}

function walkResource(
  rows: ExportRows,
  signal: Signal,
  start: number,
  end: number,
  visit: (start: number, end: number, head: Uint8Array) => void,
): void {
  const { resource, scopes, url } = parts(rows, start, end, wording[signal].resource);
  const head = rows.part(() => {
    rows.rows.raw(RESOURCE);
    const serviceName = writeResource(rows, resource);
    rows.text(RESOURCE_SCHEMA, url.start, url.end);
    if (rows.version === 'v1') return;
    rows.rows.raw(SERVICE_NAME);
    if (serviceName === undefined || rows.values.isNull(serviceName.start, serviceName.end)) rows.rows.null();
    else rows.values.text(rows.rows, serviceName.start, serviceName.end);
  });
  for (let index = 0; index < scopes.length; index += 2)
    walkScope(rows, signal, scopes[index]!, scopes[index + 1]!, head, visit);
}

function walkScope(
  rows: ExportRows,
  signal: Signal,
  start: number,
  end: number,
  resourceHead: Uint8Array,
  visit: (start: number, end: number, head: Uint8Array) => void,
): void {
  const { resource: scope, scopes: records, url } = parts(rows, start, end, wording[signal].scope);
  const head = rows.part(() => {
    rows.rows.raw(resourceHead);
    rows.rows.raw(SCOPE);
    writeScope(rows, scope);
    rows.text(wording[signal].schema, url.start, url.end);
  });
  for (let index = 0; index < records.length; index += 2) visit(records[index]!, records[index + 1]!, head);
}

/** `Resource*` and `Scope*` have the same three fields: whom it is from, its parts, a schema's address. */
function parts(
  rows: ExportRows,
  start: number,
  end: number,
  message: string,
): { resource: number[]; scopes: number[]; url: { start: number; end: number } } {
  const { reader } = rows;
  const resource: number[] = [];
  const scopes: number[] = [];
  const url = { start: 0, end: 0 };
  reader.over(start, end, message);
  while (reader.next()) {
    if (reader.field === 3) {
      reader.range();
      url.start = reader.start;
      url.end = reader.stop;
    } else collect(rows, reader.field === 1 ? resource : reader.field === 2 ? scopes : undefined);
  }
  return { resource, scopes, url };
}

/** The struct of the resource. A message in several parts is one message. @returns the value of `service.name`. */
function writeResource(rows: ExportRows, ranges: readonly number[]): { start: number; end: number } | undefined {
  if (ranges.length === 0) return void rows.rows.null();
  const { reader } = rows;
  const attributes: number[] = [];
  let dropped = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    reader.over(ranges[index]!, ranges[index + 1]!, 'Resource');
    while (reader.next()) {
      if (reader.field === 2) dropped = reader.uint32();
      else collect(rows, reader.field === 1 ? attributes : undefined);
    }
  }
  const list = rows.attributes(ATTRIBUTES, attributes);
  const found = list.find(reader.bytes, serviceNameKey);
  rows.count32(DROPPED, dropped);
  rows.rows.byte(CLOSE);
  return found < 0 ? undefined : { start: list.entries[found + 2]!, end: list.entries[found + 3]! };
}

function writeScope(rows: ExportRows, ranges: readonly number[]): void {
  if (ranges.length === 0) return rows.rows.null();
  const { reader } = rows;
  const attributes: number[] = [];
  const name = { start: 0, end: 0 };
  const version = { start: 0, end: 0 };
  let dropped = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    reader.over(ranges[index]!, ranges[index + 1]!, 'InstrumentationScope');
    while (reader.next()) {
      if (reader.field === 1 || reader.field === 2) {
        const text = reader.field === 1 ? name : version;
        reader.range();
        text.start = reader.start;
        text.end = reader.stop;
      } else if (reader.field === 4) dropped = reader.uint32();
      else collect(rows, reader.field === 3 ? attributes : undefined);
    }
  }
  rows.text(NAME, name.start, name.end);
  rows.text(VERSION, version.start, version.end);
  rows.attributes(MORE_ATTRIBUTES, attributes);
  rows.count32(DROPPED, dropped);
  rows.rows.byte(CLOSE);
}

/** Reads the field: notes the range of its message, or passes over it where nobody wants it. */
export function collect({ reader }: ExportRows, ranges: number[] | undefined): void {
  if (ranges === undefined) return reader.skip();
  reader.range();
  ranges.push(reader.start, reader.stop);
}
