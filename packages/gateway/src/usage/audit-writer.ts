import type { AuditEvent, DurableAuditLog } from '../audit/audit-event.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { RepeatedFailure } from '../lib/repeated-failure.ts';
import { auditRow, type AuditRow } from './audit-row.ts';
import { RefusalFloods } from './refusal-floods.ts';
import type { Spool } from './spool.ts';

/** How long refusals are counted before the counts are written, milliseconds. */
const WINDOW_MS = 60_000;
/** How often changes that the disk did not take are tried again, milliseconds. */
const RETRY_MS = 500;
/** Refusals on their way to the disk; more are counted. */
const MOST_UNDER_WAY = 1_000;

export interface AuditWriterOptions {
  readonly spool: Pick<Spool, 'append' | 'full' | 'failing' | 'size'>;
  readonly workspaceId: () => string;
  /** Bytes of the spool above which refusals are only counted, so that changes always find room. */
  readonly refusalBytes: number;
  readonly log: (level: 'info' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void;
  /** Milliseconds of a window. For tests. */
  readonly windowMs?: number;
}

/**
 * Writes audit events into their spool. Changes are never dropped: while one waits for a disk that fails, `writable` is
 * false. Refusals are, in a flood: they are then counted, and the counts are written.
 */
export class AuditWriter implements DurableAuditLog {
  readonly #options: AuditWriterOptions;
  readonly #floods = new RefusalFloods();
  readonly #failure = new RepeatedFailure();
  /** Changes that the disk did not take yet, oldest first. */
  readonly #waiting: AuditRow[] = [];
  /** Appends of changes under way. */
  readonly #appending = new Set<Promise<void>>();
  #refusalsUnderWay = 0;
  #window: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retrying: Promise<void> | undefined;
  #closed = false;

  constructor(options: AuditWriterOptions) {
    this.#options = options;
  }

  get writable(): boolean {
    const { spool } = this.#options;
    return !this.#closed && this.#waiting.length === 0 && !spool.failing && !spool.full;
  }

  /** Refuses what would change something while that cannot be kept. @throws GatewayError `gateway_audit_unavailable` */
  requireWritable(): void {
    if (this.writable) return;
    throw new GatewayError(
      'gateway_audit_unavailable',
      'The audit log cannot be written at the moment, so nothing may be changed. Try again.',
      { retryAfterSeconds: 5 },
    );
  }

  /** How many changes wait for the disk: 0 unless it fails. */
  get waiting(): number {
    return this.#waiting.length;
  }

  record(event: AuditEvent): void {
    if (isRefusal(event)) this.#refuse(event);
    else this.#keep(auditRow(event, this.#options.workspaceId()));
  }

  async settled(): Promise<void> {
    await Promise.all(this.#appending);
  }

  /** Writes the counts and what waits, as far as the disk lets it. */
  async close(): Promise<void> {
    clearTimeout(this.#window);
    clearTimeout(this.#retry);
    this.#writeCounts();
    this.#closed = true;
    await this.settled();
    await this.#retrying;
    await this.#writeWaiting();
    if (this.#waiting.length === 0) return;
    this.#options.log('error', { changes: this.#waiting.length }, 'changes could not be written to the audit log');
  }

  #refuse(event: AuditEvent): void {
    this.#window ??= setTimeout(() => this.#writeCounts(), this.#options.windowMs ?? WINDOW_MS).unref();
    if (!this.#floods.take(event)) return;
    if (!this.#hasRoomForRefusals()) return this.#floods.count(event);
    this.#refusalsUnderWay += 1;
    const row = auditRow(event, this.#options.workspaceId());
    this.#track(
      this.#options.spool
        .append(row)
        .catch(() => this.#floods.count(event))
        .finally(() => (this.#refusalsUnderWay -= 1)),
    );
  }

  #hasRoomForRefusals(): boolean {
    const { spool, refusalBytes } = this.#options;
    return !spool.failing && spool.size < refusalBytes && this.#refusalsUnderWay < MOST_UNDER_WAY;
  }

  /** Ends a window: what was counted in it becomes rows, or goes on being counted where there is no room. */
  #writeCounts(): void {
    this.#window = undefined;
    const counted = this.#floods.drain();
    const { spool, workspaceId } = this.#options;
    for (const each of counted) {
      const again = (): void => {
        this.#floods.restore([each]);
        if (!this.#closed)
          this.#window ??= setTimeout(() => this.#writeCounts(), this.#options.windowMs ?? WINDOW_MS).unref();
      };
      if (!this.#hasRoomForRefusals()) {
        again();
        continue;
      }
      this.#refusalsUnderWay += 1;
      this.#track(
        spool
          .append(auditRow(each.event, workspaceId(), each.flood))
          .catch(again)
          .finally(() => (this.#refusalsUnderWay -= 1)),
      );
    }
  }

  #keep(row: AuditRow): void {
    // Behind those that wait already: the order of changes is kept.
    if (this.#waiting.length > 0) return void this.#waiting.push(row);
    this.#track(this.#options.spool.append(row).catch((error: unknown) => this.#wait(row, error)));
  }

  #wait(row: AuditRow, error: unknown): void {
    this.#waiting.push(row);
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#failure.isToBeSaid(reason)) {
      this.#options.log('error', { reason }, 'the audit log cannot be written; changes are refused until it can');
    }
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    if (this.#closed || this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retrying = this.#writeWaiting().then(() => {
        this.#retry = undefined;
        this.#retrying = undefined;
        if (this.#waiting.length > 0) this.#scheduleRetry();
        else if (this.#failure.ended()) this.#options.log('info', {}, 'the audit log can be written again');
      });
    }, RETRY_MS).unref();
  }

  /** One after the other, as long as the disk takes them. Never rejects. */
  async #writeWaiting(): Promise<void> {
    for (let row = this.#waiting[0]; row !== undefined; row = this.#waiting[0]) {
      try {
        await this.#options.spool.append(row);
      } catch {
        return;
      }
      this.#waiting.shift();
    }
  }

  #track(append: Promise<unknown>): void {
    const tracked: Promise<void> = append.then(
      () => void this.#appending.delete(tracked),
      () => void this.#appending.delete(tracked),
    );
    this.#appending.add(tracked);
  }
}

/** Whatever was answered with an error changed nothing, unless it says what it changed. */
function isRefusal({ status, change }: AuditEvent): boolean {
  return status >= 400 && change === undefined;
}
