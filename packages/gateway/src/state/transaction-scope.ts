import { AsyncLocalStorage } from 'node:async_hooks';
import type { Queryable } from './store.ts';

/**
 * What a transaction looks like from inside, alike on both databases: its statements run one after the other; a
 * statement that fails is the end of it, caught or not; when it is over, nothing more is done in it.
 */
export class TransactionScope {
  readonly #running = new AsyncLocalStorage<Transaction>();

  /** Runs `work` as the inside of a transaction on `db`. The caller begins and ends it. */
  async run<T>(db: Queryable, work: (tx: Queryable) => Promise<T>): Promise<T> {
    const transaction = new Transaction(db);
    try {
      const result = await this.#running.run(transaction, () => work(transaction));
      transaction.requireSound();
      return result;
    } finally {
      transaction.over = true;
    }
  }

  /**
   * For the statements of the store itself: inside a transaction they would wait for it for ever, or not be part of it.
   * @throws Error inside a transaction: a mistake of the program.
   */
  requireOutside(): void {
    if (this.#running.getStore()?.over === false) {
      throw new Error('A transaction is running: use the `tx` it was given, not the store.');
    }
  }
}

class Transaction implements Queryable {
  readonly #db: Queryable;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  over = false;

  constructor(db: Queryable) {
    this.#db = db;
  }

  all: Queryable['all'] = (...statement) => this.#inTurn(() => this.#db.all(...statement));
  get: Queryable['get'] = (...statement) => this.#inTurn(() => this.#db.get(...statement));
  run: Queryable['run'] = (...statement) => this.#inTurn(() => this.#db.run(...statement));

  /** @throws what a statement failed with. */
  requireSound(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      if (this.over) throw new Error('This transaction is over: wait for every statement of it.');
      this.requireSound();
      try {
        return await work();
      } catch (error) {
        this.#failure = { error };
        throw error;
      }
    });
    this.#turn = result.catch(() => {});
    return result;
  }
}
