import { setPriority } from 'node:os';
import { gatewayErrors } from '../errors/error-codec.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type {
  Append,
  AppendResult,
  CommitSummary,
  Lake,
  MaintenanceResult,
  NewTable,
  OptimizeResult,
  Scan,
  ScanRequest,
  TableChange,
  TableDescription,
  TableRef,
  TableVersion,
  VacuumRequest,
  VacuumResult,
} from '../lake/lake.ts';
import { ChildExitError, ChildProcess } from '../lib/child/child-process.ts';
import { within } from '../lib/within.ts';
import type { SpoolPosition } from '../usage/spool-format.ts';
import type {
  CommittedNote,
  LoadedNote,
  LogNote,
  OpenLake,
  ProgressNote,
  SpoolName,
  StartLoader,
} from './lake-protocol.ts';

/** Waits between two starts of a process that keeps ending, milliseconds. */
const RESTART_DELAY_MS = { first: 100, last: 10_000 } as const;
/** A process that ran this long is taken to be well, milliseconds. */
const WELL_AFTER_MS = 30_000;

/** Niceness of a process whose work can wait. */
const LATER = 10;

export interface LakeClientOptions {
  /** The child's program. */
  readonly file: string;
  readonly open: OpenLake;
  readonly log: (note: LogNote) => void;
  readonly onLoaded: (note: LoadedNote) => void;
  readonly onProgress: (note: ProgressNote) => void;
  readonly onRestart: () => void;
}

/**
 * The lake as the gateway sees it: a child process, started again when it ends. Calls wait until it is
 * open; those under way when it ends fail with `gateway_lake_unavailable`.
 */
export class LakeClient implements Lake {
  readonly #options: LakeClientOptions;
  #child: ChildProcess | undefined;
  /** The child once it is open; rejects when it could not be opened. */
  #opened: Promise<ChildProcess>;
  #loader: (Omit<StartLoader, 'committed'> & { readonly committed: Record<SpoolName, SpoolPosition> }) | undefined;
  #delayMs: number = RESTART_DELAY_MS.first;
  #startedAt = 0;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: LakeClientOptions) {
    this.#options = options;
    this.#opened = this.#start();
  }

  /** Resolves when the lake is open for the first time. @throws Error when it cannot be opened, such as a store that is refused. */
  async ready(): Promise<void> {
    await this.#opened;
  }

  get pid(): number | undefined {
    return this.#child?.alive ? this.#child.pid : undefined;
  }

  /** Begins to empty the spools into tables; goes on after a restart of the process. */
  async startLoader(request: StartLoader): Promise<void> {
    this.#loader = { ...request, committed: { ...request.committed } };
    await this.#call('startLoader', { ...request });
  }

  /** Tells how far a spool is durable. */
  committed(spool: SpoolName, position: SpoolPosition): void {
    if (!this.#loader) return;
    this.#loader.committed[spool] = position;
    this.#child?.note('committed', { spool, position } satisfies CommittedNote);
  }

  /** Resolves when everything said to be committed is in its table, or cannot be now; at the latest after `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    if (!this.#child?.alive || !this.#loader) return;
    await within(
      limitMs,
      this.#child.call('drain', undefined).catch(() => undefined),
    );
  }

  async close(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    await this.#child?.close(2_000);
  }

  createTable(table: NewTable, userName?: string): Promise<{ readonly version: number }> {
    return this.#lake('createTable', table, userName);
  }
  describe(location: string, at?: TableVersion): Promise<TableDescription> {
    return this.#lake('describe', location, at);
  }
  scan(location: string, request?: ScanRequest): Promise<Scan> {
    return this.#lake('scan', location, request);
  }
  append(append: Append): Promise<AppendResult> {
    return this.#lake('append', append);
  }
  lastTransaction(table: TableRef, appId: string): Promise<number | undefined> {
    return this.#lake('lastTransaction', table, appId);
  }
  alter(location: string, change: TableChange, userName?: string): Promise<{ readonly version: number }> {
    return this.#lake('alter', location, change, userName);
  }
  history(location: string, limit?: number): Promise<CommitSummary[]> {
    return this.#lake('history', location, limit);
  }
  optimize(location: string, userName?: string): Promise<OptimizeResult> {
    return this.#lake('optimize', location, userName);
  }
  vacuum(location: string, request?: VacuumRequest, userName?: string): Promise<VacuumResult> {
    return this.#lake('vacuum', location, request, userName);
  }
  deleteBefore(location: string, column: readonly string[], before: number): Promise<{ readonly rows: number }> {
    return this.#lake('deleteBefore', location, column, before);
  }
  maintain(location: string): Promise<MaintenanceResult> {
    return this.#lake('maintain', location);
  }
  remove(location: string): Promise<void> {
    return this.#lake('remove', location);
  }

  #lake<T>(method: keyof Lake, ...params: unknown[]): Promise<T> {
    return this.#call(method, params) as Promise<T>;
  }

  async #call(method: string, params: unknown): Promise<unknown> {
    try {
      const child = await this.#opened;
      return await child.call(method, params);
    } catch (error) {
      if (!(error instanceof ChildExitError)) throw error;
      throw new GatewayError('gateway_lake_unavailable', 'The process that keeps the tables ended. Try again.', {
        retryAfterSeconds: 1,
        cause: error,
      });
    }
  }

  #start(): Promise<ChildProcess> {
    const { file, open, log, onLoaded, onProgress } = this.#options;
    this.#startedAt = performance.now();
    const child = new ChildProcess({
      file,
      errors: gatewayErrors,
      onLine: (line) => log({ level: 'warn', fields: { line }, message: 'the lake process wrote' }),
      onNote: (name, data) => {
        if (name === 'loaded') onLoaded(data as LoadedNote);
        else if (name === 'progress') onProgress(data as ProgressNote);
        else if (name === 'log') log(data as LogNote);
      },
      onExit: (code, signal) => this.#onExit(code, signal),
    });
    this.#child = child;
    yieldToRequests(child.pid);
    const opened = (async () => {
      await child.call('open', open);
      if (this.#loader) await child.call('startLoader', this.#loader satisfies StartLoader);
      return child;
    })();
    opened.catch((error: unknown) => {
      if (error instanceof ChildExitError || this.#stopping) return;
      const problem = error instanceof Error ? error.message : String(error);
      log({ level: 'error', fields: { problem }, message: 'the lake cannot be opened' });
      void child.kill();
    });
    return opened;
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#stopping) return;
    this.#options.onRestart();
    this.#options.log({
      level: 'error',
      fields: { code, signal },
      message: 'the lake process ended; it is started again',
    });
    if (performance.now() - this.#startedAt > WELL_AFTER_MS) this.#delayMs = RESTART_DELAY_MS.first;
    this.#opened = new Promise((resolve, reject) => {
      this.#restart = setTimeout(() => {
        this.#start().then(resolve, reject);
      }, this.#delayMs);
    });
    this.#opened.catch(() => {});
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_DELAY_MS.last);
  }
}

/**
 * Where processors are scarce, requests come first: what they leave behind is durable, and waits in its spool. At once,
 * since threads take over the priority that their process has when they begin.
 */
function yieldToRequests(pid: number): void {
  try {
    setPriority(pid, LATER);
  } catch {
    // It has ended already, or the system does not allow it.
  }
}
