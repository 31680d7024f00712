import { signals } from '../workspace/otel.ts';
import type { TelemetrySettings } from './agent.ts';

/**
 * The variables of an OpenTelemetry exporter that goes through the loopback proxy, which adds the table of each signal.
 * Those that go before them are taken away: they are for another backend, as its key is.
 */
export function exporterVariables({ base, secret }: TelemetrySettings): Record<string, string | undefined> {
  const ofOneSignal = signals.flatMap((signal) =>
    ['ENDPOINT', 'HEADERS', 'PROTOCOL'].map((name) => `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`),
  );
  return {
    ...Object.fromEntries(ofOneSignal.map((name) => [name, undefined])),
    OTEL_EXPORTER_OTLP_ENDPOINT: base,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${secret ?? ''}`,
  };
}
