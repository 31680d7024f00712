import type { ModelService } from '../config/gateway-config.ts';
import { buildPayloadRecord, isSampled, MAX_PAYLOAD_BODY_BYTES, type SeenBody } from '../usage/payload-record.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import type { RequestContext } from './request-context.ts';

/** What an invocation answered, for its payload row. */
export interface SeenAnswer {
  readonly body: SeenBody;
  /** Whether `body` is event text. */
  readonly isStream: boolean;
}

/** The service whose payload table takes this request's bodies, or `undefined` where they are not kept. */
export function payloadService(context: RequestContext): ModelService | undefined {
  const { resolved, requestId, runtime } = context;
  if (resolved?.kind !== 'model-service') return undefined;
  const { inferenceTable: settings, name } = resolved.service;
  if (settings === undefined || settings.disabled || runtime.payloads.tableFor(name) === undefined) return undefined;
  return isSampled(requestId, settings.samplingFraction) ? resolved.service : undefined;
}

/**
 * Writes the payload row of an invocation to its spool, where its service keeps payloads. Best effort: never rejects,
 * and a row that cannot be written is counted and logged.
 */
export async function recordPayload(context: RequestContext, usage: UsageRecord, answer: SeenAnswer): Promise<void> {
  const { payloads, metrics, log } = context.runtime;
  try {
    const service = payloadService(context);
    const table = service === undefined ? undefined : payloads.tableFor(service.name);
    if (service?.inferenceTable === undefined || table === undefined) return;
    const { body } = context;
    await payloads.append(
      buildPayloadRecord({
        table,
        settings: service.inferenceTable,
        usage,
        dialect: context.dialect.id,
        request: body !== undefined && body.length > MAX_PAYLOAD_BODY_BYTES ? 'too-large' : body,
        response: answer.body,
        isStream: answer.isStream,
      }),
    );
  } catch (error) {
    metrics.payloadFailures.inc();
    log.warn(
      { request_id: usage.request_id, err: error instanceof Error ? error.message : String(error) },
      'the payload row could not be written',
    );
  }
}
