/** What an exporter of OpenTelemetry sends: each signal has a path and a table of its own. */
export type Signal = 'metrics' | 'logs' | 'traces';

export const signals: readonly Signal[] = ['metrics', 'logs', 'traces'];

/** Below a gateway's origin; exporters add `/v1/<signal>` (unity-ai-gateway 9.1). */
export const OTEL_PATH = '/api/2.0/otel';

/** Names the table that an export goes to. */
export const TABLE_HEADER = 'X-Databricks-UC-Table-Name';

/** `catalog.schema.table` of a signal, from `catalog.schema.prefix`. */
export function otelTable(tablePrefix: string, signal: Signal): string {
  return `${tablePrefix}_otel_${signal === 'traces' ? 'spans' : signal}`;
}

/** The signal that a path is for, to the letter: `/api/2.0/otel/v1/logs`. */
export function signalOf(pathname: string): Signal | undefined {
  return signals.find((signal) => pathname === `${OTEL_PATH}/v1/${signal}`);
}

/** Whether text is `catalog.schema.prefix` and can stand in a header and in SQL as it is. */
export function isTablePrefix(text: string): boolean {
  return /^[\w-]{1,200}\.[\w-]{1,200}\.\w{1,200}$/.test(text);
}
