import { expect } from 'vitest';
import { pollSql } from '../../support/statements.ts';
import { tableOf, type TelemetryMarks } from './settings.ts';

/** A loaded machine takes this long at most to have rows in the tables, milliseconds. */
const LIMIT_MS = 60_000;

/**
 * Waits for what a run must leave in the tables of a prefix: the metric with an amount, the event with its time, spans.
 * @param summary of the run, for messages.
 */
export async function expectTelemetry(
  gateway: { readonly url: string; readonly token: string },
  prefix: string,
  { metric, event, temporality, signals }: TelemetryMarks,
  summary: string,
): Promise<void> {
  if (metric !== undefined) {
    const metrics = await pollSql(
      gateway,
      `SELECT coalesce(sum.aggregation_temporality, histogram.aggregation_temporality) AS temporality,
              coalesce(sum.value, histogram.sum) AS amount, resource.attributes['service.name'] AS service
       FROM ${tableOf(prefix, 'metrics')} WHERE name = '${metric}'`,
      (rows) => rows.length > 0,
      LIMIT_MS,
    );
    expect(metrics.length, summary).toBeGreaterThan(0);
    expect(new Set(metrics.map((row) => row['temporality']))).toEqual(new Set([temporality]));
    expect(Math.max(...metrics.map((row) => Number(row['amount'])))).toBeGreaterThan(0);
    expect(metrics[0]?.['service']).toMatch(/\S/);
  }
  if (signals.includes('logs')) {
    const named = event === undefined ? 'body IS NOT NULL' : `event_name = '${event}'`;
    const logs = await pollSql(
      gateway,
      `SELECT time_unix_nano FROM ${tableOf(prefix, 'logs')} WHERE ${named}`,
      (rows) => rows.length > 0,
      LIMIT_MS,
    );
    expect(logs.length, summary).toBeGreaterThan(0);
    for (const row of logs) expect(BigInt(row['time_unix_nano'] ?? '0')).toBeGreaterThan(1_700_000_000_000_000_000n);
  }
  if (signals.includes('spans')) {
    const spans = `SELECT count(*) AS n FROM ${tableOf(prefix, 'spans')} WHERE trace_id IS NOT NULL`;
    const [count] = await pollSql(gateway, spans, (rows) => Number(rows[0]?.['n']) > 0, LIMIT_MS);
    expect(Number(count?.['n']), summary).toBeGreaterThan(0);
  }
}
