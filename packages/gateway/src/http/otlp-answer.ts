import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { OtlpEncoding } from '../otel/decode/decode-export.ts';
import { WireWriter } from '../otel/decode/wire-writer.ts';
import type { DecodedExport, Signal } from '../otel/signal.ts';
import { knownEncoding } from './otlp-body.ts';

const contentTypes: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** Names of the count in the partial success, OTLP/JSON spelling. */
const rejectedNames: Readonly<Record<Signal, string>> = {
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
  traces: 'rejectedSpans',
};

/** `google.rpc.Code` by HTTP status; others are by their class. */
const rpcCodes: Readonly<Record<number, number>> = {
  401: 16,
  403: 7,
  404: 5,
  408: 4,
  409: 10,
  429: 8,
  499: 1,
  503: 14,
};
const INVALID_ARGUMENT = 3;
const INTERNAL = 13;

/**
 * 200 with an empty message, or with the partial success where records were refused (OTLP specification,
 * full and partial success).
 */
export function sendExportAnswer(
  response: ServerResponse,
  encoding: OtlpEncoding,
  signal: Signal,
  { rejected, message }: Pick<DecodedExport, 'rejected' | 'message'>,
): void {
  if (encoding === 'json') {
    // 64-bit numbers are strings in JSON.
    const partialSuccess = { [rejectedNames[signal]]: String(rejected), errorMessage: message };
    return send(response, 200, encoding, Buffer.from(JSON.stringify(rejected === 0 ? {} : { partialSuccess })));
  }
  const writer = new WireWriter(64);
  if (rejected > 0)
    writer.message(1, () => {
      writer.varint(1, BigInt(rejected));
      writer.text(2, message);
    });
  send(response, 200, encoding, writer.written);
}

/**
 * An error as `google.rpc.Status` in the request's encoding (OTLP specification, failures), JSON where that
 * is not known. 429 and 503 tell exporters to try again, all other statuses that it would not help.
 */
export function sendExportError(
  request: IncomingMessage,
  response: ServerResponse,
  error: GatewayError,
  requestId: string,
): void {
  const { status, message, retryAfterSeconds } = error;
  const code = rpcCodes[status] ?? (status < 500 ? INVALID_ARGUMENT : INTERNAL);
  const encoding = knownEncoding(request) ?? 'json';
  const retryAfter = retryAfterSeconds ?? (status === 429 || status === 503 ? 1 : undefined);
  const headers = {
    'x-request-id': requestId,
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="ucode-gateway"' } : {}),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }),
  };
  if (encoding === 'json')
    return send(response, status, encoding, Buffer.from(JSON.stringify({ code, message })), headers);
  const writer = new WireWriter(message.length + 16);
  writer.varint(1, BigInt(code));
  writer.text(2, message);
  send(response, status, encoding, writer.written, headers);
}

function send(
  response: ServerResponse,
  status: number,
  encoding: OtlpEncoding,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': contentTypes[encoding], 'content-length': body.length, ...headers });
  response.end(body);
}
