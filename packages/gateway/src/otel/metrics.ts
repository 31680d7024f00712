import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The gateway's own metrics, served at `/metrics` in the Prometheus text format. */
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Counter({
    name: 'ucode_gateway_requests_total',
    help: 'Inference requests by API, final status and agent.',
    labelNames: ['api_type', 'status_code', 'coding_agent'] as const,
    registers: [this.registry],
  });
  readonly attempts = new Counter({
    name: 'ucode_gateway_attempts_total',
    help: 'Attempts at destinations by provider service and outcome.',
    labelNames: ['provider_service', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly tokens = new Counter({
    name: 'ucode_gateway_tokens_total',
    help: 'Tokens by direction and service.',
    labelNames: ['direction', 'service_name'] as const,
    registers: [this.registry],
  });
  readonly duration = new Histogram({
    name: 'ucode_gateway_request_duration_seconds',
    help: 'Time from the request to its last byte.',
    labelNames: ['api_type'] as const,
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    registers: [this.registry],
  });
  readonly timeToFirstByte = new Histogram({
    name: 'ucode_gateway_time_to_first_byte_seconds',
    help: 'Time from the request to the first byte of the answer.',
    labelNames: ['api_type'] as const,
    buckets: [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });
  readonly inFlight = new Gauge({
    name: 'ucode_gateway_requests_in_flight',
    help: 'Inference requests being served.',
    registers: [this.registry],
  });
  readonly observerFailures = new Counter({
    name: 'ucode_gateway_observer_failures_total',
    help: 'Answers that passed but could not be metered from their own usage.',
    labelNames: ['reason'] as const,
    registers: [this.registry],
  });
  readonly spoolFailures = new Counter({
    name: 'ucode_gateway_spool_failures_total',
    help: 'Usage records that could not be written.',
    registers: [this.registry],
  });
  readonly payloadFailures = new Counter({
    name: 'ucode_gateway_payload_failures_total',
    help: 'Payload rows that could not be written.',
    registers: [this.registry],
  });
  readonly otlpRequests = new Counter({
    name: 'ucode_gateway_otlp_requests_total',
    help: 'OTLP export requests by signal and status.',
    labelNames: ['signal', 'status_code'] as const,
    registers: [this.registry],
  });
  readonly otlpRecords = new Counter({
    name: 'ucode_gateway_otlp_records_total',
    help: 'Data points, log records and spans by signal and outcome.',
    labelNames: ['signal', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly lakeRows = new Counter({
    name: 'ucode_gateway_lake_rows_total',
    help: 'Rows by spool and what became of them: loaded, parked, landed after parking, dropped with their table, unreadable.',
    labelNames: ['spool', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly lakeRestarts = new Counter({
    name: 'ucode_gateway_lake_restarts_total',
    help: 'Times the process that keeps the tables ended and was started again.',
    registers: [this.registry],
  });
  readonly spoolWaiting = new Gauge({
    name: 'ucode_gateway_spool_waiting_seconds',
    help: 'How long records have waited for their tables without any being loaded; 0 when none wait.',
    labelNames: ['spool'] as const,
    registers: [this.registry],
    collect: () => {
      for (const [spool, since] of this.#waitingSince) {
        this.spoolWaiting.set({ spool }, since === undefined ? 0 : (performance.now() - since) / 1000);
      }
    },
  });
  readonly configReloads = new Counter({
    name: 'ucode_gateway_config_reloads_total',
    help: 'Configuration reloads by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });

  /** By spool, `performance.now()`; `undefined` while nothing waits. */
  readonly #waitingSince = new Map<string, number | undefined>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Records of a spool wait for their tables. */
  noteWaiting(spool: string): void {
    if (this.#waitingSince.get(spool) === undefined) this.#waitingSince.set(spool, performance.now());
  }

  /** Some were loaded; `rest`: others still wait. */
  noteLoaded(spool: string, rest: boolean): void {
    this.#waitingSince.set(spool, rest ? performance.now() : undefined);
  }
}
