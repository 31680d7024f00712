import { describe, expect, it } from 'vitest';
import type { GatewayError } from '../errors/gateway-error.ts';
import { array, field, struct, type StructType } from '../lake/schema/delta-type.ts';
import { matchTable } from './match-table.ts';
import type { Signal } from './signal.ts';
import { otelSchema, schemaVersions, signals } from './tables.ts';

function refusal(signal: Signal, schema: StructType, properties: Record<string, string> = {}): string {
  try {
    matchTable(signal, schema, properties);
  } catch (error) {
    expect((error as GatewayError).code).toBe('caller_table_unfit');
    return (error as GatewayError).message;
  }
  throw new Error('The table was taken.');
}

const logs = otelSchema('logs', 'v1');

describe('matchTable', () => {
  it.each(signals.flatMap((signal) => schemaVersions.map((version) => [signal, version] as const)))(
    'knows %s %s by its property and by its columns',
    (signal, version) => {
      const schema = otelSchema(signal, version);
      expect(matchTable(signal, schema, { 'otel.schemaVersion': version })).toEqual({ signal, version, schema });
      expect(matchTable(signal, schema, {}).version).toBe(version);
    },
  );

  it('takes columns in another order, and further ones that may be null', () => {
    const fields = logs.fields.toReversed();
    expect(matchTable('logs', struct(...fields, field('note', 'string')), {}).version).toBe('v1');
  });

  it('refuses names in another case, which would stay empty', () => {
    const fields = logs.fields.map((column) => (column.name === 'body' ? field('Body', 'string') : column));
    expect(refusal('logs', struct(...fields))).toContain("'Body' must be written 'body'");
  });

  it('names every difference', () => {
    const fields = logs.fields.slice(1).map((column) => (column.name === 'body' ? field('body', 'binary') : column));
    expect(refusal('logs', struct(...fields), { 'otel.schemaVersion': 'v1' })).toContain(
      "schema v1: 'event_name' is missing; 'body' is binary instead of string.",
    );
  });

  it('names differences inside of structs and arrays', () => {
    const spans = otelSchema('traces', 'v1');
    const event = struct(field('time_unix_nano', 'double'), field('name', 'string'));
    const fields = spans.fields.map((column) => (column.name === 'events' ? field('events', array(event)) : column));
    expect(refusal('traces', struct(...fields))).toContain(
      "'events.element.time_unix_nano' is double instead of bigint; 'events.element.attributes' is missing",
    );
  });

  it('refuses further columns that may not be null', () => {
    const wanted = { ...field('note', 'string'), nullable: false };
    expect(refusal('logs', struct(...logs.fields, wanted))).toContain("'note' is not known and may not be null");
  });

  it('says that a table is for another signal', () => {
    expect(refusal('metrics', logs, { 'otel.schemaVersion': 'v1' })).toBe(
      'The table has the columns for logs, but this is the path for metrics. Name a table for metrics (…_otel_metrics).',
    );
  });

  it('holds the table to the version it states', () => {
    expect(refusal('logs', logs, { 'otel.schemaVersion': 'v2' })).toContain("'record_id' is missing");
    expect(refusal('logs', logs, { 'otel.schemaVersion': 'v9' })).toContain("must be 'v1' or 'v2'");
  });
});
