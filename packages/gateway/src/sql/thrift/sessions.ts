import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Caller } from '../../unity/caller.ts';
import type { NameDefaults } from '../../unity/catalog.ts';
import type { StatementStore } from '../statement-store.ts';
import type { StoredStatement } from '../stored-statement.ts';
import { InvalidHandle } from './status.ts';
import type { ThriftStruct } from './thrift-struct.ts';

/** Bounds of what callers may leave open. */
export interface SessionLimits {
  /** Milliseconds after its last call that a session ends. */
  readonly idleMs: number;
  readonly perCaller: number;
  readonly together: number;
  /** Operations of one session that are open. */
  readonly operations: number;
}

const defaultLimits: SessionLimits = { idleMs: 30 * 60_000, perCaller: 100, together: 2000, operations: 500 };

/** What a handle names: THandleIdentifier. */
export interface HandleIdentifier {
  readonly guid: Buffer;
  readonly secret: Buffer;
}

export interface Session {
  readonly identifier: HandleIdentifier;
  readonly owner: string;
  /** What incomplete names are completed with; `USE` changes it. */
  defaults: NameDefaults;
  readonly operations: Map<string, Operation>;
  lastUsed: number;
}

export interface Operation {
  /** Its guid is the statement's id. */
  readonly identifier: HandleIdentifier;
  readonly session: Session;
  /** TOperationType */
  readonly type: number;
  readonly statement: StoredStatement;
  /** The row that is fetched next. */
  nextRow: number;
}

/** Open sessions and operations. To everybody but its owner, a handle is unknown. */
export class SessionRegistry {
  readonly #statements: StatementStore;
  readonly #now: () => number;
  readonly #limits: SessionLimits;
  /** Longest idle first. */
  readonly #sessions = new Map<string, Session>();
  readonly #operations = new Map<string, Operation>();

  constructor(statements: StatementStore, now: () => number, limits: Partial<SessionLimits> = {}) {
    this.#statements = statements;
    this.#now = now;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** @throws GatewayError `gateway_sql_busy` when too many are open. */
  open(caller: Caller, defaults: NameDefaults): Session {
    this.#expire();
    const { perCaller, together } = this.#limits;
    const own = [...this.#sessions.values()].filter(({ owner }) => owner === caller.userName).length;
    if (own >= perCaller || this.#sessions.size >= together) {
      const count = own >= perCaller ? `${own} sessions of ${caller.userName}` : `${this.#sessions.size} sessions`;
      throw new GatewayError('gateway_sql_busy', `${count} are open already. Close some; idle ones end by themselves.`);
    }
    const session: Session = {
      identifier: identifierOf(randomUUID()),
      owner: caller.userName,
      defaults,
      operations: new Map(),
      lastUsed: this.#now(),
    };
    this.#sessions.set(key(session.identifier.guid), session);
    return session;
  }

  /**
   * @param handle a TSessionHandle
   * @throws InvalidHandle
   */
  session(handle: ThriftStruct | undefined, caller: Caller): Session {
    this.#expire();
    const session = find(this.#sessions, handle?.struct(1));
    if (session?.owner !== caller.userName) throw new InvalidHandle('session');
    this.#touch(session);
    return session;
  }

  /**
   * @param handle a TOperationHandle
   * @throws InvalidHandle
   */
  operation(handle: ThriftStruct | undefined, caller: Caller): Operation {
    this.#expire();
    const operation = find(this.#operations, handle?.struct(1));
    if (operation?.session.owner !== caller.userName) throw new InvalidHandle('operation');
    this.#touch(operation.session);
    return operation;
  }

  /** @throws GatewayError `gateway_sql_busy` when the session has too many open operations. */
  begin(session: Session, type: number, start: () => StoredStatement): Operation {
    if (session.operations.size >= this.#limits.operations) {
      const message = `The session has ${session.operations.size} open operations. Close some.`;
      throw new GatewayError('gateway_sql_busy', message);
    }
    const statement = start();
    const identifier = identifierOf(statement.id);
    const operation: Operation = { identifier, session, type, statement, nextRow: 0 };
    session.operations.set(key(identifier.guid), operation);
    this.#operations.set(key(identifier.guid), operation);
    return operation;
  }

  closeOperation({ identifier, session, statement }: Operation): void {
    this.#statements.release(statement);
    session.operations.delete(key(identifier.guid));
    this.#operations.delete(key(identifier.guid));
  }

  closeSession(session: Session): void {
    for (const operation of session.operations.values()) this.closeOperation(operation);
    this.#sessions.delete(key(session.identifier.guid));
  }

  #touch(session: Session): void {
    session.lastUsed = this.#now();
    const id = key(session.identifier.guid);
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
  }

  #expire(): void {
    const oldest = this.#now() - this.#limits.idleMs;
    for (const session of this.#sessions.values()) {
      if (session.lastUsed > oldest) return;
      this.closeSession(session);
    }
  }
}

function find<T extends { readonly identifier: HandleIdentifier }>(
  known: ReadonlyMap<string, T>,
  identifier: ThriftStruct | undefined,
): T | undefined {
  const guid = identifier?.bytes(1);
  const secret = identifier?.bytes(2);
  const found = guid && known.get(key(guid));
  if (!found || !secret || secret.length !== found.identifier.secret.length) return undefined;
  return timingSafeEqual(secret, found.identifier.secret) ? found : undefined;
}

/** Drivers show the guid as a UUID, and insist that it is one. */
function identifierOf(uuid: string): HandleIdentifier {
  return { guid: Buffer.from(uuid.replaceAll('-', ''), 'hex'), secret: randomBytes(16) };
}

function key(guid: Buffer): string {
  return guid.toString('hex');
}
