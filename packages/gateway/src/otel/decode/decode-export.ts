import type { DecodedExport, OtelSchemaVersion, Signal } from '../signal.ts';
import { ExportRows } from './export-rows.ts';
import { jsonToProtobuf } from './json-to-protobuf.ts';
import { writeLogRecord } from './log-rows.ts';
import { exportRequests } from './messages.ts';
import { writeMetric } from './metric-rows.ts';
import { writeSpan } from './span-rows.ts';
import { walkExport } from './walk-export.ts';

/** The two encodings of OTLP over HTTP. */
export type OtlpEncoding = 'protobuf' | 'json';

/** One export request, decompressed. */
export interface ExportRequest {
  readonly signal: Signal;
  /** Columns of the table that the rows go to. */
  readonly version: OtelSchemaVersion;
  readonly encoding: OtlpEncoding;
  readonly body: Uint8Array;
  /** When it came, milliseconds since 1970. */
  readonly receivedAt: number;
}

/** Rows of one request at most, in bytes: they go to the spool as one record. */
export const MAX_ROW_BYTES = 48 * 1024 * 1024;

const writers = { metrics: writeMetric, logs: writeLogRecord, traces: writeSpan } as const;

/**
 * The rows of an export request: one per data point, log record or span. Records that make no sense on
 * their own (a metric without data, a data point without a value, a number that no column takes) are
 * counted and left out; the others are kept.
 * @param maxRowBytes bytes the rows may take.
 * @throws GatewayError `caller_otlp_invalid` where the body is not such a request, `caller_body_too_large`
 *   where its rows would be too large.
 */
export function decodeExport(request: ExportRequest, maxRowBytes = MAX_ROW_BYTES): DecodedExport {
  const { signal, version, encoding, body, receivedAt } = request;
  const message = encoding === 'json' ? jsonToProtobuf(body, signal) : body;
  const rows = new ExportRows(message, { message: exportRequests[signal].name, version, receivedAt, maxRowBytes });
  walkExport(rows, signal, (start, end, head) => writers[signal](rows, start, end, head));
  return { lines: rows.rows.written, rows: rows.count, rejected: rows.rejected, message: rows.message };
}
