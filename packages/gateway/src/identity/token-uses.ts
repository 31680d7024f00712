import type { TokenSource } from './token-source.ts';
import { RecentMap } from './recent-map.ts';

/** `last_used_at` is exact to this. */
const USE_INTERVAL_MS = 60_000;
/** How long uses are gathered before they are written together. */
const FLUSH_DELAY_MS = 5_000;

/** Gathers when tokens were used and writes it now and then, each token at most once a minute. */
export class TokenUses {
  readonly #onError: (error: unknown) => void;
  readonly #usedAt = new RecentMap<number>(20_000);
  #unwritten = new Map<TokenSource, Map<string, number>>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param onError told when uses could not be written. Requests go on. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  note(source: TokenSource, tokenId: string, now: number): void {
    if (source.noteUses === undefined) return;
    const last = this.#usedAt.get(tokenId);
    // A clock set back counts as elapsed, too.
    if (last !== undefined && Math.abs(now - last) < USE_INTERVAL_MS) return;
    this.#usedAt.set(tokenId, now);
    const uses = this.#unwritten.get(source) ?? new Map<string, number>();
    this.#unwritten.set(source, uses.set(tokenId, now));
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_DELAY_MS).unref();
  }

  /** Writes what is outstanding. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const unwritten = this.#unwritten;
    this.#unwritten = new Map();
    for (const [source, uses] of unwritten) {
      this.#writing = this.#writing.then(() => source.noteUses?.(uses)).catch((error: unknown) => this.#onError(error));
    }
    return this.#writing;
  }
}
