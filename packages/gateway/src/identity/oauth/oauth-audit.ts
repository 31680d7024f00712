import type { AuditLog } from '../../audit/audit-event.ts';
import type { Account } from '../directory.ts';
import { currentExchange } from './exchange.ts';

/** Something that happened in the OAuth server, for the audit log. */
export interface OAuthEvent {
  /** `login`, `consent`, `registerClient`, `refreshTokenReused`, … */
  readonly action: string;
  readonly account?: Account | undefined;
  /** Name that was typed in, where no account is known. */
  readonly userName?: string | undefined;
  /** Default 200. */
  readonly status?: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Writes an event with what is known of the current request. */
export function recordOAuthEvent(audit: AuditLog, event: OAuthEvent, now: number): void {
  const exchange = currentExchange();
  audit.record({
    at: now,
    requestId: exchange?.requestId ?? '',
    service: 'oauth',
    action: event.action,
    actor: event.account?.userName ?? event.userName?.slice(0, 256),
    actorType: event.account?.type,
    sourceIp: exchange?.sourceIp,
    userAgent: exchange?.userAgent,
    status: event.status ?? 200,
    errorCode: event.errorCode,
    errorMessage: event.errorMessage,
    parameters: event.parameters ?? {},
    change: undefined,
  });
}
