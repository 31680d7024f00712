/** What a change did, for the audit log: secrets are left out by whoever tells it. */
export interface AuditChange {
  /** What was changed: `model-services/main.team.fast`, `users/ada@example.com`. */
  readonly target: string;
  /** As the API shows it; absent for what was made. */
  readonly before?: unknown;
  /** As the API shows it; absent for what was deleted. */
  readonly after?: unknown;
}

/** From where something was asked. */
export interface AuditOrigin {
  readonly requestId: string;
  readonly actorType: 'USER' | 'SERVICE_PRINCIPAL' | 'SYSTEM' | undefined;
  /** Caller's address, as the gateway sees it. */
  readonly sourceIp: string | undefined;
  readonly userAgent: string | undefined;
}

/** One administrative change or refusal, as it becomes a row of `system.access.audit`. */
export interface AuditEvent extends AuditOrigin {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** API family: `modelServices`, `scim`, `oauth`, `inference`. */
  readonly service: string;
  /** `createModelService`, `login`, `refuseInference`. */
  readonly action: string;
  /** `userName` of who did it; `undefined` where it is not known. */
  readonly actor: string | undefined;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Code of the error catalogue, for refusals and failures. */
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  /** Path parameters and what else names the object; never secrets. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly change: AuditChange | undefined;
}

/** Takes audit events. Never throws and never waits: the writer behind it keeps them durably. */
export interface AuditLog {
  record(event: AuditEvent): void;
}

/** The audit log as the router of administrative requests needs it. */
export interface DurableAuditLog extends AuditLog {
  /** Whether changes can be kept. */
  readonly writable: boolean;
  /** Refuses what would change something while that cannot be kept. @throws GatewayError `gateway_audit_unavailable` */
  requireWritable(): void;
  /**
   * Resolves when every change recorded so far is on disk: a change is answered after that. Never rejects; while the
   * disk fails it resolves once that is known, and the changes are kept in memory until the disk works again.
   */
  settled(): Promise<void>;
}
