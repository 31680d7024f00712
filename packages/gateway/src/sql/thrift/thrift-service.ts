import { GatewayError } from '../../errors/gateway-error.ts';
import type { AuditOrigin } from '../../audit/audit-event.ts';
import type { Caller } from '../../unity/caller.ts';
import type { SqlEngine } from '../statement.ts';
import { StatementStore } from '../statement-store.ts';
import type { CallContext, Method } from './call.ts';
import { metadataMethods } from './metadata-methods.ts';
import {
  cancelOperation,
  closeOperation,
  executeStatement,
  fetchResults,
  getOperationStatus,
  getResultSetMetadata,
} from './operation-methods.ts';
import { readMessage } from './read-message.ts';
import { closeSession, getInfo, openSession } from './session-methods.ts';
import { SessionRegistry, type SessionLimits } from './sessions.ts';
import { errorStatus } from './status.ts';
import type { ThriftStruct } from './thrift-struct.ts';
import { MessageKind, ThriftFormatError, type MessageHead } from './thrift-type.ts';
import { i32, struct, text, writeMessage, type Written } from './write-message.ts';

const methods: Readonly<Record<string, Method>> = {
  OpenSession: openSession,
  CloseSession: closeSession,
  GetInfo: getInfo,
  ExecuteStatement: executeStatement,
  GetOperationStatus: getOperationStatus,
  GetResultSetMetadata: getResultSetMetadata,
  FetchResults: fetchResults,
  CancelOperation: cancelOperation,
  CloseOperation: closeOperation,
  ...metadataMethods,
};

/** TApplicationException types. */
const UNKNOWN_METHOD = 1;
const MISSING_ARGUMENT = 7;

export interface ThriftServiceOptions {
  readonly engine: SqlEngine;
  /** Where statements run and results are kept. Shared, so that one bound holds for all results. */
  readonly statements?: StatementStore;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly limits?: Partial<SessionLimits>;
}

/** The HiveServer2 service that SQL drivers speak with, one message in and one out (workspace-contract 8.2). */
export class ThriftService {
  readonly #context: Omit<CallContext, 'caller' | 'from'>;

  constructor({
    engine,
    now = Date.now,
    statements = new StatementStore({ engine, now }),
    limits,
  }: ThriftServiceOptions) {
    this.#context = { engine, statements, sessions: new SessionRegistry(statements, now, limits) };
  }

  /**
   * Answers one message.
   * @throws ThriftFormatError when the bytes are not a call. Errors of the call itself are in the answer.
   */
  async call(message: Buffer, caller: Caller, from?: AuditOrigin): Promise<Buffer> {
    const { head, args } = readMessage(message);
    if (head.kind !== MessageKind.CALL) throw new ThriftFormatError('The message is not a call.');
    const method = Object.hasOwn(methods, head.name) ? methods[head.name] : undefined;
    if (!method) return exception(head, UNKNOWN_METHOD, `There is no method '${head.name}' here.`);
    const request = args.struct(1);
    if (!request) return exception(head, MISSING_ARGUMENT, 'The call has no request struct.');
    const response = await this.#run(method, request, { ...this.#context, caller, from });
    return writeMessage({ ...head, kind: MessageKind.REPLY }, struct({ 0: response }));
  }

  async #run(method: Method, request: ThriftStruct, context: CallContext): Promise<Written> {
    try {
      return await method(request, context);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return struct({ 1: errorStatus(error) });
    }
  }
}

function exception(head: MessageHead, type: number, message: string): Buffer {
  return writeMessage({ ...head, kind: MessageKind.EXCEPTION }, struct({ 1: text(message), 2: i32(type) }));
}
