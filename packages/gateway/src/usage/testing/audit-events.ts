import type { AuditEvent } from '../../audit/audit-event.ts';

/** A change by an admin, unless told otherwise. */
export function changeEvent(given: Partial<AuditEvent> = {}): AuditEvent {
  return {
    at: Date.UTC(2026, 10, 23, 12),
    requestId: 'r-1',
    service: 'modelServices',
    action: 'createModelService',
    actor: 'ada@example.com',
    actorType: 'USER',
    sourceIp: '192.0.2.7',
    userAgent: 'databricks-cli/1.0',
    status: 200,
    errorCode: undefined,
    errorMessage: undefined,
    parameters: { name: 'main.team.fast' },
    change: { target: 'model-services/main.team.fast', after: { name: 'main.team.fast' } },
    ...given,
  };
}

/** A request without a token, unless told otherwise. */
export function refusalEvent(given: Partial<AuditEvent> = {}): AuditEvent {
  return changeEvent({
    service: 'inference',
    action: 'refuseInference',
    actor: undefined,
    actorType: undefined,
    status: 401,
    errorCode: 'caller_unauthenticated',
    errorMessage: 'No token.',
    change: undefined,
    ...given,
  });
}
