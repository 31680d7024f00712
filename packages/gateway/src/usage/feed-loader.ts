import { RepeatedFailure } from '../lib/repeated-failure.ts';
import { backOff, sleep, Stopped } from './backoff.ts';
import { messageOf } from './lake-failure.ts';
import { feedAppId, readBatch, type LoadBatch } from './load-batch.ts';
import { readLoadedHint, writeLoadedHint } from './loaded-hint.ts';
import type { LoaderOptions, LoaderProgress } from './loader-options.ts';
import { ParkedRows } from './parked-rows.ts';
import type { SpoolFeed } from './spool-feed.ts';
import { comparePositions, type SpoolPosition } from './spool-format.ts';
import { readSpoolId } from './spool-id.ts';
import { TableLane } from './table-lane.ts';

const DEFAULT_BATCH_BYTES = 32 * 1024 * 1024;
/** How often parked rows are tried again. */
const PARKED_RETRY_MS = 10 * 60_000;

interface Opened {
  readonly appId: string;
  readonly spoolId: string;
  readonly parked: ParkedRows;
  /** What an earlier process is known to have loaded. */
  readonly loaded: SpoolPosition | undefined;
}

/** Empties one spool into tables: batch after batch, in order, never two at once. */
export class FeedLoader {
  readonly #feed: SpoolFeed;
  readonly #options: LoaderOptions;
  readonly #stop = new AbortController();
  readonly #lanes = new Map<string, TableLane>();
  readonly #report: (progress: LoaderProgress) => void;
  /** Woken when something is committed, when draining begins, and at a stop. */
  #wake: () => void = () => {};
  /** When the first waiting record was committed, `performance.now()`. */
  #waitingSince: number | undefined;
  #committed: SpoolPosition | undefined;
  #loaded: SpoolPosition | undefined;
  #drains: { readonly upTo: SpoolPosition; readonly resolve: () => void }[] = [];
  #running: Promise<void> | undefined;
  #nextRetry = 0;

  constructor(feed: SpoolFeed, options: LoaderOptions) {
    this.#feed = feed;
    this.#options = options;
    this.#report = (progress) => options.onProgress?.(progress);
  }

  committed(position: SpoolPosition): void {
    if (this.#committed !== undefined && comparePositions(position, this.#committed) <= 0) return;
    this.#committed = position;
    this.#waitingSince ??= performance.now();
    this.#wake();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when everything committed so far is loaded, or at a stop. */
  drain(): Promise<void> {
    const upTo = this.#committed;
    if (upTo === undefined || this.#isLoaded(upTo) || this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drains.push({ upTo, resolve });
      this.#wake();
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
    for (const { resolve } of this.#drains.splice(0)) resolve();
  }

  async #run(): Promise<void> {
    const failure = new RepeatedFailure();
    for (let failures = 0; ;) {
      try {
        await this.#loadForever();
      } catch (error) {
        if (error instanceof Stopped || this.#stop.signal.aborted) return;
        failures += 1;
        const reason = messageOf(error);
        if (failure.isToBeSaid(reason)) {
          const { name } = this.#feed;
          this.#options.log.error({ feed: name, failures, reason }, 'the spool cannot be loaded yet');
        }
        await backOff(failures, this.#stop.signal).catch(() => {});
      }
    }
  }

  async #loadForever(): Promise<never> {
    const opened = await this.#open();
    for (;;) {
      if (performance.now() >= this.#nextRetry) {
        await opened.parked.retry(this.#stop.signal);
        this.#nextRetry = performance.now() + PARKED_RETRY_MS;
      }
      if (this.#loaded === undefined && opened.loaded !== undefined) this.#advance(opened.loaded);
      await this.#gather();
      const target = this.#committed;
      if (target !== undefined && !this.#isLoaded(target)) await this.#loadBatch(opened, target);
    }
  }

  /** The spool's id exists as soon as its writer has committed anything. */
  async #open(): Promise<Opened> {
    const { name, directory } = this.#feed;
    while (this.#committed === undefined) await this.#idle(PARKED_RETRY_MS);
    const spoolId = await readSpoolId(directory);
    if (spoolId === undefined) throw new Error(`The spool '${name}' has no id.`);
    const { lake, parkedDirectory, log } = this.#options;
    const appId = feedAppId(spoolId, name);
    const parked = new ParkedRows({
      lake,
      directory: parkedDirectory,
      feed: this.#feed,
      spoolId,
      appId,
      log,
      report: this.#report,
    });
    const loaded = this.#loaded ?? (await readLoadedHint(directory, spoolId, this.#committed));
    return { appId, spoolId, parked, loaded };
  }

  /** Waits until a batch is due: something waits since `commitIntervalMs`, or fills a batch, or a drain is asked for. */
  async #gather(): Promise<void> {
    const { commitIntervalMs } = this.#options;
    for (;;) {
      const now = performance.now();
      if (now >= this.#nextRetry) return;
      if (this.#waitingSince === undefined) await this.#idle(this.#nextRetry - now);
      else if (this.#drains.length > 0 || this.#isBacklog()) return;
      else if (now >= this.#waitingSince + commitIntervalMs) return;
      else await this.#idle(this.#waitingSince + commitIntervalMs - now);
    }
  }

  /** @throws Stopped */
  async #idle(ms: number): Promise<void> {
    const wait = new AbortController();
    this.#wake = () => wait.abort();
    if (this.#stop.signal.aborted) throw new Stopped();
    await sleep(ms, wait.signal).catch(() => {});
    this.#wake = () => {};
    if (this.#stop.signal.aborted) throw new Stopped();
  }

  #isBacklog(): boolean {
    const from = this.#loaded;
    const to = this.#committed;
    if (from === undefined || to === undefined || from.segment !== to.segment) return true;
    return to.offset - from.offset >= this.#batchBytes;
  }

  get #batchBytes(): number {
    return this.#options.maxBatchBytes ?? DEFAULT_BATCH_BYTES;
  }

  async #loadBatch(opened: Opened, target: SpoolPosition): Promise<void> {
    const { name, directory } = this.#feed;
    this.#waitingSince = undefined;
    let end: SpoolPosition;
    try {
      const batch = await readBatch(this.#feed, this.#loaded, target, this.#batchBytes);
      if (batch.damaged)
        this.#options.log.error({ feed: name, ...target }, 'records of the spool are damaged and lost');
      await this.#loadTables(opened, batch);
      if (this.#stop.signal.aborted) throw new Stopped();
      end = batch.end;
      if (batch.more) this.#waitingSince = 0;
    } catch (error) {
      this.#waitingSince = 0;
      throw error;
    }
    await writeLoadedHint(directory, opened.spoolId, end);
    this.#advance(end);
  }

  /** Everything before `position` is loaded. */
  #advance(position: SpoolPosition): void {
    this.#loaded = position;
    if (this.#committed !== undefined && this.#isLoaded(this.#committed)) this.#waitingSince = undefined;
    this.#options.onLoaded(this.#feed.name, position);
    this.#drains = this.#drains.filter(({ upTo, resolve }) => {
      if (!this.#isLoaded(upTo)) return true;
      resolve();
      return false;
    });
  }

  /** Tables side by side. One that waits for its storage holds the feed's next batch up, nothing else. */
  async #loadTables({ appId, parked }: Opened, batch: LoadBatch): Promise<void> {
    for (const record of batch.unreadable) await parked.keepUnreadable(record);
    const outcomes = await Promise.allSettled(
      batch.tables.map((table) => {
        let lane = this.#lanes.get(table.table.id);
        if (lane === undefined) {
          const { lake, log } = this.#options;
          const signal = this.#stop.signal;
          lane = new TableLane({ lake, parked, feed: this.#feed.name, appId, log, report: this.#report, signal });
          this.#lanes.set(table.table.id, lane);
        }
        return lane.load(table);
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #isLoaded(position: SpoolPosition): boolean {
    return this.#loaded !== undefined && comparePositions(position, this.#loaded) <= 0;
  }
}
