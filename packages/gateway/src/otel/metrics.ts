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
  readonly configReloads = new Counter({
    name: 'ucode_gateway_config_reloads_total',
    help: 'Configuration reloads by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
