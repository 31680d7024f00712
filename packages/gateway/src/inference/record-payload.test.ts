import { expect, test, vi } from 'vitest';
import type { InferenceTable } from '../config/gateway-config.ts';
import { dialects } from '../dialects/index.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { buildUsageRecord } from '../usage/build-record.ts';
import type { PayloadRecord } from '../usage/payload-record.ts';
import { usageInput } from '../usage/testing/usage-input.ts';
import { payloadService, recordPayload, type SeenAnswer } from './record-payload.ts';
import type { RequestContext } from './request-context.ts';

const table = { id: 't', location: 'main/default/t' };
const usage = buildUsageRecord(usageInput());
const answer: SeenAnswer = { body: Buffer.from('{"answer":1}'), isStream: false };

function harness(
  change: { settings?: Partial<InferenceTable> | null; hasTable?: boolean; failure?: Error; kind?: string } = {},
) {
  const records: PayloadRecord[] = [];
  const base = usageInput().facts.service!;
  const settings = { ...base.inferenceTable!, ...change.settings };
  const service = { ...base, inferenceTable: change.settings === null ? undefined : settings };
  const failed = vi.fn();
  const warned = vi.fn();
  const context = {
    resolved: { kind: change.kind ?? 'model-service', service },
    requestId: 'req-1',
    dialect: dialects['anthropic-messages'],
    body: Buffer.from('{"question":1}'),
    runtime: {
      payloads: {
        tableFor: (name: string) => ((change.hasTable ?? true) && name === service.name ? table : undefined),
        append: async (record: PayloadRecord) => {
          if (change.failure) throw change.failure;
          records.push(record);
        },
      },
      metrics: { payloadFailures: { inc: failed } },
      log: { warn: warned },
    },
  } as unknown as RequestContext;
  return { context, records, failed, warned, service };
}

test('bodies of a service with a table are recorded', async () => {
  const { context, records, service } = harness();
  expect(payloadService(context)).toBe(service);
  await recordPayload(context, usage, answer);
  expect(records).toHaveLength(1);
  expect(records[0]).toMatchObject({
    table,
    request: Buffer.from('{"question":1}'),
    response: Buffer.from('{"answer":1}'),
    streamOf: undefined,
    facts: { request_id: 'req-1', invocation_id: 'inv-1', sampling_fraction: 1 },
  });
});

test.each([
  ['without a table in the configuration', { settings: null }],
  ['paused', { settings: { disabled: true } }],
  ['whose table is missing', { hasTable: false }],
  ['in a request that is not sampled', { settings: { samplingFraction: Number.MIN_VALUE } }],
  ['addressed as a provider service', { kind: 'provider-service' }],
])('nothing is kept of a service %s', async (_, change) => {
  const { context, records, failed } = harness(change);
  expect(payloadService(context)).toBeUndefined();
  await recordPayload(context, usage, answer);
  expect(records).toEqual([]);
  expect(failed).not.toHaveBeenCalled();
});

test('a row that cannot be written is counted and logged, and nothing else happens', async () => {
  const { context, failed, warned } = harness({
    failure: new GatewayError('gateway_spool_full', 'The spool is full.'),
  });
  await recordPayload(context, usage, answer);
  expect(failed).toHaveBeenCalledOnce();
  expect(warned).toHaveBeenCalledWith(
    { request_id: 'req-1', err: 'The spool is full.' },
    expect.stringContaining('could not be written'),
  );
});

test('an own pattern that is no regular expression costs the row, not the request', async () => {
  const { context, records, failed } = harness({ settings: { redact: [{ pattern: '(', replacement: '' }] } });
  await recordPayload(context, usage, answer);
  expect(records).toEqual([]);
  expect(failed).toHaveBeenCalledOnce();
});
