import type { SpendLedger, SpendRecord } from '../governance/budgets/spend-ledger.ts';
import { RepeatedFailure } from '../lib/repeated-failure.ts';
import { backOff, sleep } from './backoff.ts';
import { comparePositions, type SpoolPosition } from './spool-format.ts';
import { readSpoolBytes } from './spool-reader.ts';
import { RecentBatches } from './recent-batches.ts';
import type { Spool } from './spool.ts';

/** How long records are gathered, milliseconds. */
const GATHER_MS = 500;
/** Records added in one transaction at most. */
const BATCH_RECORDS = 1_000;

export interface SpendFeedOptions {
  /** The usage spool that this process writes. */
  readonly spool: Pick<Spool, 'spoolId' | 'committed' | 'onCommit'>;
  readonly directory: string;
  readonly ledger: SpendLedger;
  /** Everything before `position` is in the ledger: from the start on, and whenever that moves. */
  readonly onAdded: (position: SpoolPosition) => void;
  readonly log: { error(fields: object, message: string): void };
  readonly gatherMs?: number;
}

/** Brings usage records from the spool into the spend ledger, in order, each once. */
export class SpendFeed {
  readonly #options: SpendFeedOptions;
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #position: SpoolPosition | undefined;
  #known = false;
  readonly #recent = new RecentBatches();
  /** One thing at a time: adding, or what waits for everything to be added. */
  #turn: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | undefined;

  constructor(options: SpendFeedOptions) {
    this.#options = options;
    options.spool.onCommit((to, batch) => {
      this.#recent.note(to, batch);
      this.#wake.abort();
    });
  }

  /** Begins, with what an earlier process has left. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Runs `work` once everything that is committed by now is in the ledger, and before more is added.
   * Rejects where the ledger cannot be written.
   */
  whenCaughtUp<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#catchUp();
      return work();
    });
  }

  /** Adds what is committed, then ends. What cannot be added is added by the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
    await this.whenCaughtUp(async () => {}).catch(() => {});
  }

  async #run(): Promise<void> {
    const failure = new RepeatedFailure();
    for (let failures = 0; !this.#stop.signal.aborted;) {
      this.#wake = new AbortController();
      try {
        await this.whenCaughtUp(async () => {});
        failures = 0;
      } catch (error) {
        failures += 1;
        const reason = error instanceof Error ? error.message : String(error);
        if (failure.isToBeSaid(reason)) {
          this.#options.log.error({ failures, reason }, 'what was spent cannot be added to the ledger yet');
        }
        await backOff(failures, this.#stop.signal).catch(() => {});
        continue;
      }
      if (this.#isBehind()) continue;
      await this.#idle();
    }
  }

  /** Until something is committed and a moment has passed, in which more may come. */
  async #idle(): Promise<void> {
    if (!this.#wake.signal.aborted && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) =>
        this.#wake.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
    }
    await sleep(this.#options.gatherMs ?? GATHER_MS, this.#stop.signal).catch(() => {});
  }

  #isBehind(): boolean {
    return this.#position === undefined || comparePositions(this.#position, this.#options.spool.committed) < 0;
  }

  async #catchUp(): Promise<void> {
    const { ledger, spool } = this.#options;
    const upTo = spool.committed;
    if (!this.#known) {
      this.#position = await ledger.position(spool.spoolId);
      this.#known = true;
      if (this.#position !== undefined) this.#options.onAdded(this.#position);
    }
    while (this.#position === undefined || comparePositions(this.#position, upTo) < 0) {
      const recent = this.#position && this.#recent.take(this.#position, BATCH_RECORDS);
      if (recent) {
        await this.#add(recent.records as readonly SpendRecord[], recent.to);
        continue;
      }
      if (!(await this.#addBatch(upTo))) {
        // Damaged records are the only reason that nothing is left to read before `upTo`.
        await this.#add([], upTo);
      }
    }
  }

  /** @returns whether there was anything to read. */
  async #addBatch(upTo: SpoolPosition): Promise<boolean> {
    const records: SpendRecord[] = [];
    let end: SpoolPosition | undefined;
    let count = 0;
    for await (const { position, payload } of readSpoolBytes(this.#options.directory, { from: this.#position, upTo })) {
      end = position;
      const record = this.#parse(payload, position);
      if (record !== undefined) records.push(record);
      if (++count >= BATCH_RECORDS) break;
    }
    if (end === undefined) return false;
    await this.#add(records, end);
    return true;
  }

  async #add(records: readonly SpendRecord[], to: SpoolPosition): Promise<void> {
    const { ledger, spool } = this.#options;
    if (await ledger.add({ spoolId: spool.spoolId, from: this.#position, to, records })) {
      this.#position = to;
      this.#options.onAdded(to);
    } else {
      this.#known = false;
      throw new Error('The ledger is at another place of the usage spool than this process has brought it to.');
    }
  }

  #parse(payload: Buffer, position: SpoolPosition): SpendRecord | undefined {
    try {
      const record = JSON.parse(payload.toString('utf8')) as SpendRecord;
      if (typeof record.requester === 'string' && typeof record.event_time === 'string') return record;
    } catch {
      // Said below.
    }
    this.#options.log.error({ ...position }, 'a usage record cannot be read and is not counted as spend');
    return undefined;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result;
  }
}
