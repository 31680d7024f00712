import type { AuditOrigin } from '../../audit/audit-event.ts';
import type { Caller } from '../../unity/caller.ts';
import type { SqlEngine } from '../statement.ts';
import type { StatementStore } from '../statement-store.ts';
import type { SessionRegistry } from './sessions.ts';
import type { ThriftStruct } from './thrift-struct.ts';
import type { Written } from './write-message.ts';

/** What the methods of TCLIService work with. */
export interface CallContext {
  readonly caller: Caller;
  /** From where it is called, for the audit log. */
  readonly from: AuditOrigin | undefined;
  readonly engine: SqlEngine;
  readonly statements: StatementStore;
  readonly sessions: SessionRegistry;
}

/**
 * One method of TCLIService: from the request struct to the response struct.
 * A GatewayError it throws is answered as the response's status.
 */
export type Method = (request: ThriftStruct, context: CallContext) => Written | Promise<Written>;
