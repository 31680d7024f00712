import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '../audit/audit-event.ts';
import { ACCOUNT_ID } from './build-record.ts';
import { cleanJson, cleanOptional, cleanParameters, cleanText } from './clean-audit.ts';

/** Version of the vendor's audit schema that the columns follow. */
const SCHEMA_VERSION = '2.0';
/** What the vendor calls an actor that is the platform itself. */
const SYSTEM_ACTOR = 'System-User';
/** Longest of the texts that name something, in characters. */
const LONGEST_NAME = 300;

/** Refusals of the same kind that came together and are told in one row. */
export interface Flood {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** A row of `system.access.audit`, as it goes into the spool. */
export interface AuditRow {
  readonly version: string;
  readonly event_time: string;
  readonly event_date: string;
  readonly workspace_id: string;
  readonly source_ip_address: string | null;
  readonly user_agent: string | null;
  readonly session_id: string | null;
  readonly user_identity: { readonly email: string | null; readonly subject_name: string | null };
  readonly service_name: string;
  readonly action_name: string;
  readonly request_id: string;
  readonly request_params: Readonly<Record<string, string>>;
  readonly response: {
    readonly status_code: number;
    readonly error_message: string | null;
    readonly result: string | null;
  };
  readonly audit_level: string;
  readonly account_id: string;
  readonly event_id: string;
  readonly identity_metadata: {
    readonly run_by: string | null;
    readonly run_as: string | null;
    readonly acting_resource: string | null;
  };
  readonly error_code: string | null;
  readonly event_count: number;
}

/** The row of an event. Whatever a caller sent is cleaned: control characters, length, secrets. */
export function auditRow(event: AuditEvent, workspaceId: string, flood?: Flood): AuditRow {
  const time = new Date(event.at).toISOString();
  const actor = event.actorType === 'SYSTEM' ? SYSTEM_ACTOR : cleanOptional(event.actor, LONGEST_NAME);
  return {
    version: SCHEMA_VERSION,
    event_time: time,
    event_date: time.slice(0, 10),
    workspace_id: workspaceId,
    source_ip_address: cleanOptional(event.sourceIp, 64),
    user_agent: cleanOptional(event.userAgent, 500),
    session_id: null,
    user_identity: { email: actor, subject_name: null },
    service_name: cleanText(event.service, LONGEST_NAME),
    action_name: cleanText(event.action, LONGEST_NAME),
    request_id: cleanText(event.requestId, LONGEST_NAME),
    request_params: { ...cleanParameters(event.parameters), ...changeOf(event), ...floodOf(flood) },
    response: { status_code: event.status, error_message: cleanOptional(event.errorMessage), result: null },
    audit_level: 'WORKSPACE_LEVEL',
    account_id: ACCOUNT_ID,
    event_id: randomUUID(),
    identity_metadata: { run_by: actor, run_as: actor, acting_resource: null },
    error_code: event.errorCode ?? null,
    event_count: flood?.count ?? 1,
  };
}

function changeOf({ change }: AuditEvent): Record<string, string> {
  if (change === undefined) return {};
  return {
    target: cleanText(change.target, LONGEST_NAME),
    ...(change.before === undefined ? {} : { before: cleanJson(change.before) }),
    ...(change.after === undefined ? {} : { after: cleanJson(change.after) }),
  };
}

function floodOf(flood: Flood | undefined): Record<string, string> {
  if (flood === undefined) return {};
  return {
    event_count: String(flood.count),
    first_event_time: new Date(flood.firstAt).toISOString(),
    last_event_time: new Date(flood.lastAt).toISOString(),
  };
}
