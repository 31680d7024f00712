import { fork, type ChildProcess as NodeChild } from 'node:child_process';
import {
  plainErrors,
  type CallMessage,
  type ErrorCodec,
  type NoteMessage,
  type ReplyMessage,
} from './child-channel.ts';

export interface ChildOptions {
  /** The child's program. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Flags of node itself. */
  readonly execArgv?: readonly string[];
  readonly errors?: ErrorCodec;
  onNote?(name: string, data: unknown): void;
  /** A line the child wrote to its error output. */
  onLine?(line: string): void;
  /** Called once, after all open calls have failed. */
  onExit?(code: number | null, signal: NodeJS.Signals | null): void;
}

/** The child ended while a call was open. */
export class ChildExitError extends Error {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;

  constructor(code: number | null, signal: NodeJS.Signals | null) {
    super(`The process ended ${signal === null ? `with code ${String(code)}` : `by ${signal}`}.`);
    this.name = 'ChildExitError';
    this.code = code;
    this.signal = signal;
  }
}

/**
 * A child process that answers calls (`serveParent` is its other end). Values cross by structured clone,
 * so buffers, maps and bigints do. It is not restarted here.
 */
export class ChildProcess {
  readonly #child: NodeChild;
  readonly #errors: ErrorCodec;
  readonly #open = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #exit: ChildExitError | undefined;

  constructor(options: ChildOptions) {
    this.#errors = options.errors ?? plainErrors;
    this.#child = fork(options.file, options.args ?? [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(options.env ? { env: options.env } : {}),
      ...(options.execArgv ? { execArgv: [...options.execArgv] } : {}),
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) eachLine(stream, (line) => options.onLine?.(line));
    this.#child.on('message', (message: ReplyMessage | NoteMessage) => {
      if (message.kind === 'note') return options.onNote?.(message.name, message.data);
      const call = this.#open.get(message.id);
      this.#open.delete(message.id);
      if (message.ok) call?.resolve(message.value);
      else call?.reject(this.#errors.revive(message.error));
    });
    this.#exited = new Promise((resolve) => {
      const gone = (code: number | null, signal: NodeJS.Signals | null): void => {
        if (this.#exit) return;
        this.#exit = new ChildExitError(code, signal);
        for (const call of this.#open.values()) call.reject(this.#exit);
        this.#open.clear();
        options.onExit?.(code, signal);
        resolve();
      };
      this.#child.once('exit', gone);
      this.#child.once('error', () => gone(null, null));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get alive(): boolean {
    return this.#exit === undefined;
  }

  /** @throws ChildExitError, or what the child's handler threw. */
  call(method: string, params: unknown): Promise<unknown> {
    if (this.#exit) return Promise.reject(this.#exit);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#send({ kind: 'call', id, method, params });
    });
  }

  note(name: string, data: unknown): void {
    if (!this.#exit) this.#send({ kind: 'note', name, data });
  }

  /** Ends the process at once; resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.#exit) this.#child.kill(signal);
    await this.#exited;
  }

  /** Lets the process end by itself (its parent hangs up), or kills it after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    if (this.#exit) return;
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #send(message: CallMessage | NoteMessage): void {
    if (!this.#child.connected) return;
    // A failure to send means that the child is going; `exit` then fails the calls.
    this.#child.send(message, () => {});
  }
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  });
}
