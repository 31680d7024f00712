import { GatewayError } from '../errors/gateway-error.ts';
import type { Lake } from '../lake/lake.ts';
import type { DecoderPool } from '../otel/decoder-pool.ts';
import type { Metrics } from '../otel/metrics.ts';
import type { Signal } from '../otel/signal.ts';
import { signals } from '../otel/tables.ts';
import type { Catalog } from '../unity/catalog.ts';
import { encodeTableRows } from '../usage/table-rows.ts';
import { ByteBudget } from './byte-budget.ts';
import type { EndpointRequest, EndpointRoute } from './endpoint-route.ts';
import { sendExportAnswer, sendExportError } from './otlp-answer.ts';
import { otlpEncoding, readOtlpBody } from './otlp-body.ts';
import { OtlpTables, type OtlpTarget } from './otlp-tables.ts';

/** Bodies that are being read may take this much together, or two of the largest. */
const READING_BYTES = 128 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;

export interface OtlpServices {
  readonly catalog: Catalog;
  readonly lake: Pick<Lake, 'describe'>;
  readonly spool: {
    /** Resolves once the record is durable. */
    appendBytes(parts: readonly Uint8Array[]): Promise<void>;
    readonly full: boolean;
  };
  readonly decoders: Pick<DecoderPool, 'decode'>;
  /** Largest request, decompressed. */
  readonly maxBytes: number;
  /** Milliseconds a sender may be silent. Default 30 s. */
  readonly clientTimeoutMs?: number | undefined;
  readonly metrics: Metrics;
}

/**
 * OTLP over HTTP. `/api/2.0/otel/v1/{metrics,logs,traces}` writes to the table that a header names
 * (unity-ai-gateway 9.1); `/v1/{metrics,logs,traces}`, the paths of the OTLP specification, to the
 * default tables of the signal where there is no such header. The answer is given once the rows are durable.
 */
export function otlpEndpoints(services: OtlpServices): readonly EndpointRoute[] {
  const tables = new OtlpTables(services);
  const budget = new ByteBudget(Math.max(READING_BYTES, services.maxBytes * 2));
  return signals.flatMap((signal) => {
    const endpoint = (path: string, target: (exchange: EndpointRequest) => Promise<OtlpTarget>): EndpointRoute => ({
      method: 'POST',
      path,
      audit: { service: 'otel', action: (path.startsWith('/api/') ? 'exportTable' : 'export') + capital(signal) },
      serve: async (exchange) => serve(services, budget, signal, exchange, target),
      answerError: (error, { request, response, requestId }) => {
        services.metrics.otlpRequests.inc({ signal, status_code: String(error.status) });
        sendExportError(request, response, error, requestId);
      },
    });
    return [
      endpoint(`/api/2.0/otel/v1/${signal}`, ({ request, principal }) =>
        tables.named(signal, request.headers, principal),
      ),
      endpoint(`/v1/${signal}`, ({ request, principal }) => tables.namedOrDefault(signal, request.headers, principal)),
    ];
  });
}

async function serve(
  services: OtlpServices,
  budget: ByteBudget,
  signal: Signal,
  exchange: EndpointRequest,
  findTarget: (exchange: EndpointRequest) => Promise<OtlpTarget>,
): Promise<void> {
  const { spool, decoders, maxBytes, clientTimeoutMs = DEFAULT_TIMEOUT_MS, metrics } = services;
  const { request, response } = exchange;
  if (spool.full) throw spoolFull();
  const encoding = otlpEncoding(request);
  const { table, version } = await findTarget(exchange);
  const lease = budget.lease();
  try {
    const body = await readOtlpBody(request, { maxBytes, timeoutMs: clientTimeoutMs }, lease);
    const decoded = await decoders.decode({ signal, version, encoding, body, receivedAt: Date.now() });
    if (decoded.rows > 0)
      await spool.appendBytes(encodeTableRows({ table, lines: decoded.lines, count: decoded.rows }));
    metrics.otlpRecords.inc({ signal, outcome: 'accepted' }, decoded.rows);
    metrics.otlpRecords.inc({ signal, outcome: 'rejected' }, decoded.rejected);
    metrics.otlpRequests.inc({ signal, status_code: '200' });
    sendExportAnswer(response, encoding, signal, decoded);
  } finally {
    lease.release();
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function spoolFull(): GatewayError {
  return new GatewayError(
    'gateway_spool_full',
    'Telemetry cannot be kept at the moment: its spool is full. Try again.',
    {
      retryAfterSeconds: 5,
    },
  );
}
