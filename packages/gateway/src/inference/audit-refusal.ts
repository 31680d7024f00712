import { isRefusal } from '../audit/refusal.ts';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { RequestContext } from './request-context.ts';

/** Tells the audit log of a request that was refused for what the caller is or may: not for what failed. */
export function auditRefusal(context: RequestContext, error: GatewayError): void {
  const { runtime, principal, request, model, resolved, path } = context;
  if (!isRefusal(error)) return;
  runtime.audit.record({
    at: context.receivedAt,
    requestId: context.requestId,
    service: 'aiGateway',
    action: 'refuseInference',
    actor: principal?.userName,
    actorType: principal?.type,
    sourceIp: context.sourceIp,
    userAgent: request.headers['user-agent'],
    status: error.status,
    errorCode: error.code,
    errorMessage: error.message,
    parameters: {
      api_type: path.apiType,
      ...(model === undefined ? {} : { model }),
      ...(resolved === undefined ? {} : { service: resolved.service.name }),
    },
    change: undefined,
  });
}
