import { SqlChild, type SqlChildOptions } from './sql-child.ts';

/** After so many statements a process is replaced, whatever it looks like. */
const MOST_STATEMENTS = 200;
const IDLE_MS = 60_000;

export interface SqlChildPoolOptions {
  readonly file: string;
  memoryLimitBytes(): number;
  log(message: string): void;
}

/** SQL processes, started when they are needed and used again after statements that ended well. */
export class SqlChildPool {
  readonly #options: SqlChildPoolOptions;
  readonly #all = new Set<SqlChild>();
  readonly #idle = new Map<SqlChild, NodeJS.Timeout>();

  constructor(options: SqlChildPoolOptions) {
    this.#options = options;
  }

  /** A process that nobody else has. It may still be starting. */
  take(): SqlChild {
    const memoryLimitBytes = this.#options.memoryLimitBytes();
    for (const [child, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(child);
      if (child.alive && child.memoryLimitBytes === memoryLimitBytes) return child;
      this.#end(child);
    }
    return this.#start({ file: this.#options.file, memoryLimitBytes, log: this.#options.log });
  }

  /** @param clean whether the statement ended by itself. */
  async give(child: SqlChild, clean: boolean): Promise<void> {
    child.statements += 1;
    if (clean && (await this.#fit(child))) return this.#keep(child);
    this.#end(child);
  }

  async close(): Promise<void> {
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    await Promise.all([...this.#all].map((child) => child.kill()));
    this.#all.clear();
  }

  #start(options: SqlChildOptions): SqlChild {
    const child = new SqlChild(options);
    this.#all.add(child);
    return child;
  }

  async #fit(child: SqlChild): Promise<boolean> {
    const bytes = await child.residentBytes();
    const kept = this.#all.has(child) && child.alive && child.statements < MOST_STATEMENTS;
    return kept && bytes !== undefined && bytes < child.keepBytes;
  }

  #keep(child: SqlChild): void {
    const timer = setTimeout(() => {
      this.#idle.delete(child);
      this.#end(child);
    }, IDLE_MS);
    timer.unref();
    this.#idle.set(child, timer);
  }

  #end(child: SqlChild): void {
    this.#all.delete(child);
    void child.kill();
  }
}
