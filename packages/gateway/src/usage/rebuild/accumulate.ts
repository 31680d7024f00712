import { asRecord, type JsonRecord } from '../../lib/json-value.ts';

/** Whole messages from the pieces of a stream. A piece of one dialect after the other; `message` at any time. */
export interface MessageBuilder {
  /** Takes the data of one event, parsed. @param event its `event:` field. */
  accept(data: JsonRecord, event: string | undefined): void;
  /** What has been told so far, as the dialect's JSON answer; `undefined` before the first piece. */
  message(): JsonRecord | undefined;
}

/**
 * A piece joined to what came before, for fields nobody here knows: text and lists grow, objects grow field by field,
 * anything else is replaced; `null` replaces nothing.
 */
export function joinValue(before: unknown, piece: unknown): unknown {
  if (before === undefined || before === null) return piece;
  if (piece === undefined || piece === null) return before;
  if (typeof before === 'string' && typeof piece === 'string') return before + piece;
  if (Array.isArray(before) && Array.isArray(piece)) return [...(before as unknown[]), ...(piece as unknown[])];
  const [a, b] = [asRecord(before), asRecord(piece)];
  return a !== undefined && b !== undefined ? { ...a, ...b } : piece;
}

/** Items under numbers of the wire, told in any order. */
export class Numbered<T> {
  readonly #items = new Map<number, T>();

  /** The item of a number, made when there is none. */
  at(number: number, make: () => T): T {
    let item = this.#items.get(number);
    if (item === undefined) this.#items.set(number, (item = make()));
    return item;
  }

  get(number: number): T | undefined {
    return this.#items.get(number);
  }

  set(number: number, item: T): void {
    this.#items.set(number, item);
  }

  /** By number. */
  inOrder(): T[] {
    return [...this.#items].sort(([a], [b]) => a - b).map(([, item]) => item);
  }
}
