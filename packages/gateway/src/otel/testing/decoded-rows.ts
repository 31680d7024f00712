import { decodeExport } from '../decode/decode-export.ts';
import type { DecodedExport, OtelSchemaVersion, Signal } from '../signal.ts';
import { encodeOtlp } from './otlp-proto.ts';

/** When the requests of tests come in. */
export const receivedAt = Date.UTC(2026, 10, 22, 10);

/** A row as JSON; tests look into its structs. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Row = Record<string, any>;

const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => Row;

/** Rows as objects. A whole number that JSON.parse would round stands as its digits. */
export function parseRows({ lines }: Pick<DecodedExport, 'lines'>): Row[] {
  const content = Buffer.from(lines).toString('utf8');
  if (content !== '' && !content.endsWith('\n')) throw new Error('The last line has no end.');
  return content
    .split('\n')
    .slice(0, -1)
    .map((line) =>
      parseWithSource(line, (_key, value, { source }) =>
        typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value,
      ),
    );
}

/** Rows of an OTLP/JSON request sent in one of the encodings. */
export function rowsOf(
  signal: Signal,
  request: object,
  { version = 'v1', encoding = 'protobuf' }: { version?: OtelSchemaVersion; encoding?: 'protobuf' | 'json' } = {},
): Row[] {
  return parseRows(decoded(signal, request, { version, encoding }));
}

export function decoded(
  signal: Signal,
  request: object,
  { version = 'v1', encoding = 'protobuf' }: { version?: OtelSchemaVersion; encoding?: 'protobuf' | 'json' } = {},
): DecodedExport {
  const body = encoding === 'json' ? Buffer.from(JSON.stringify(request)) : encodeOtlp(signal, request);
  return decodeExport({ signal, version, encoding, body, receivedAt });
}

export const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });

export function logsRequest(...logRecords: object[]): object {
  return {
    resourceLogs: [
      {
        resource: { attributes: [text('service.name', 'agent')] },
        scopeLogs: [{ scope: { name: 'scope', version: '1' }, logRecords }],
      },
    ],
  };
}

export function metricsRequest(...metrics: object[]): object {
  return {
    resourceMetrics: [
      {
        resource: { attributes: [text('service.name', 'agent')] },
        scopeMetrics: [{ scope: { name: 'scope', version: '1' }, metrics }],
      },
    ],
  };
}

export function spansRequest(...spans: object[]): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', 'agent')] },
        scopeSpans: [{ scope: { name: 'scope', version: '1' }, spans }],
      },
    ],
  };
}
