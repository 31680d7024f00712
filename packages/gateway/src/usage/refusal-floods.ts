import { isIPv6 } from 'node:net';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { Flood } from './audit-row.ts';

/** Refusals of one kind that get a row of their own in each window; the others are counted. */
const ROWS_PER_KIND = 20;
/** Kinds that are told apart in a window; more are counted together, by code. */
const MOST_KINDS = 1_000;
/** Rows of their own that all kinds together get in a window. */
const MOST_ROWS = 2_000;

interface Kind {
  rows: number;
  count: number;
  firstAt: number;
  /** The last event that was only counted. */
  last: AuditEvent | undefined;
}

/** Refusals that were counted, not written one by one. */
export interface CountedRefusals {
  /** The last of them, to stand for all. */
  readonly event: AuditEvent;
  readonly flood: Flood;
}

/**
 * Keeps floods of refusals from filling the disk: of each kind (who or from where, action, code) the first 20 in a
 * window are told one by one, the others counted. Memory is bounded, whatever the callers do.
 */
export class RefusalFloods {
  readonly #kinds = new Map<string, Kind>();
  #rows = 0;

  /** Takes a refusal. @returns whether it is to be written now; otherwise it is counted. */
  take(event: AuditEvent): boolean {
    let key = JSON.stringify([event.actor ?? network(event.sourceIp), event.action, event.errorCode, event.status]);
    const crowded = this.#kinds.size >= MOST_KINDS && !this.#kinds.has(key);
    // A few keys only: codes are those of the catalogue.
    if (crowded) key = `all others ${event.errorCode}`;
    let kind = this.#kinds.get(key);
    if (!kind) this.#kinds.set(key, (kind = { rows: 0, count: 0, firstAt: event.at, last: undefined }));
    if (!crowded && kind.rows < ROWS_PER_KIND && this.#rows < MOST_ROWS) {
      kind.rows += 1;
      this.#rows += 1;
      return true;
    }
    this.#count(kind, crowded ? anonymous(event) : event);
    return false;
  }

  /** Counts a refusal that could not be written. */
  count(event: AuditEvent): void {
    const key = `unwritten ${event.errorCode}`;
    let kind = this.#kinds.get(key);
    if (!kind) this.#kinds.set(key, (kind = { rows: 0, count: 0, firstAt: event.at, last: undefined }));
    this.#count(kind, anonymous(event));
  }

  /** Ends the window. @returns what was counted in it. */
  drain(): CountedRefusals[] {
    const counted: CountedRefusals[] = [];
    for (const { last, count, firstAt } of this.#kinds.values()) {
      if (last !== undefined) counted.push({ event: last, flood: { count, firstAt, lastAt: last.at } });
    }
    this.#kinds.clear();
    this.#rows = 0;
    return counted;
  }

  /** Counts again what was drained and could not be written. */
  restore(counted: readonly CountedRefusals[]): void {
    for (const { event, flood } of counted) {
      const key = `unwritten ${event.errorCode}`;
      let kind = this.#kinds.get(key);
      if (!kind) this.#kinds.set(key, (kind = { rows: 0, count: 0, firstAt: flood.firstAt, last: undefined }));
      kind.count += flood.count;
      kind.firstAt = Math.min(kind.firstAt, flood.firstAt);
      kind.last = anonymous(event);
    }
  }

  #count(kind: Kind, event: AuditEvent): void {
    if (kind.count === 0) kind.firstAt = event.at;
    kind.count += 1;
    kind.last = event;
  }
}

/** An event that stands for others with other callers. */
function anonymous(event: AuditEvent): AuditEvent {
  return {
    ...event,
    actor: undefined,
    actorType: undefined,
    sourceIp: undefined,
    userAgent: undefined,
    parameters: {},
    errorMessage: undefined,
    action: 'refuseRequests',
  };
}

/** The address; of IPv6 the first 64 bits, since one host has as many addresses as it likes below them. */
function network(address: string | undefined): string {
  if (address === undefined || !isIPv6(address) || address.includes('.')) return address ?? 'unknown';
  const [head = '', tail] = address.split('%', 1)[0]!.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}
