import { decodeAnswer, encodeOtlp } from '../../../packages/gateway/src/otel/testing/otlp-proto.ts';
import { logsRequest } from '../../../packages/gateway/src/otel/testing/decoded-rows.ts';
import type { Signal } from '../../../packages/gateway/src/otel/signal.ts';
import { call } from './http-call.ts';

export interface OtlpCall {
  readonly signal?: Signal;
  readonly table?: string;
  readonly body: Buffer | string;
  /** Default `application/x-protobuf`, `application/json` for text. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OtlpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Of the error, or of the partial success. */
  readonly message: string;
  readonly rejected: number;
}

/** Sends an export request and reads the answer in the encoding that was asked; throws where it is in another. */
export async function sendOtlp(
  gateway: { readonly url: string; readonly token: string },
  { signal = 'logs', table, body, type, headers = {} }: OtlpCall,
): Promise<OtlpAnswer> {
  const contentType = type ?? (typeof body === 'string' ? 'application/json' : 'application/x-protobuf');
  const result = await call(`${gateway.url}/api/2.0/otel/v1/${signal}`, {
    token: gateway.token,
    body,
    headers: {
      'content-type': contentType,
      ...(table === undefined ? {} : { 'x-databricks-uc-table-name': table }),
      ...headers,
    },
  });
  const answer = readAnswer(result.status, String(result.headers['content-type']), result.bytes);
  const wanted = contentType === 'application/x-protobuf' ? contentType : 'application/json';
  if (result.headers['content-type'] !== wanted)
    throw new Error(`${contentType} was answered as ${String(result.headers['content-type'])}: ${result.text}`);
  return { ...answer, status: result.status, retryAfter: result.headers['retry-after'] };
}

/** Reads the body of an answer. */
export function readAnswer(
  status: number,
  type: string,
  bytes: Buffer,
): { readonly message: string; readonly rejected: number } {
  const isJson = type === 'application/json';
  if (status !== 200) {
    const error = isJson ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : decodeAnswer('RpcStatus', bytes);
    return { message: String(error['message']), rejected: 0 };
  }
  const answer = isJson
    ? (JSON.parse(bytes.toString()) as { partialSuccess?: Record<string, unknown> })
    : (decodeAnswer('ExportResponse', bytes) as { partialSuccess?: Record<string, unknown> });
  const { partialSuccess = {} } = answer;
  const rejected = Object.entries(partialSuccess).find(([name]) => name.startsWith('rejected'))?.[1] ?? 0;
  return { message: String(partialSuccess['errorMessage'] ?? ''), rejected: Number(rejected) };
}

/** Log records with these bodies, as protobuf. */
export function logsBody(...ids: readonly string[]): Buffer {
  return encodeOtlp('logs', logsRequest(...ids.map((id) => ({ body: { stringValue: id } }))));
}
