import { connect, type Socket } from 'node:net';

/** What one answer was: `bytes` counts head and body. */
export interface Answer {
  readonly status: number;
  readonly bytes: number;
}

/**
 * One keep-alive HTTP/1.1 connection that sends prepared bytes and reads the answer to its end. It knows
 * only what the benchmark needs (content-length and chunked bodies), so that the load generator costs
 * less than what it measures.
 */
export class RawConnection {
  readonly #socket: Socket;
  #head = '';
  #inBody = false;
  #status = 0;
  #bytes = 0;
  #left = -1;
  #tail = '';
  #done: ((answer: Answer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  /** Called with every piece of a body, chunk framing included. */
  onBody: ((piece: Buffer) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.#read(piece));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('connection closed before the answer was complete')));
  }

  /** Connects to a port of this machine. */
  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  /** Sends one whole request and waits for the whole answer. One at a time. */
  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#failed = reject;
      this.#head = '';
      this.#inBody = false;
      this.#bytes = 0;
      this.#left = -1;
      this.#tail = '';
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #read(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#inBody) {
      this.#readBody(piece);
      return;
    }
    this.#head += piece.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    this.#inBody = true;
    const head = this.#head.slice(0, end);
    this.#status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#left = length === undefined ? -1 : Number(length);
    const rest = Buffer.from(this.#head.slice(end + 4), 'latin1');
    if (rest.length > 0 || this.#left === 0) this.#readBody(rest);
  }

  #readBody(piece: Buffer): void {
    this.onBody?.(piece);
    if (this.#left >= 0) {
      this.#left -= piece.length;
      if (this.#left <= 0) this.#finish();
      return;
    }
    this.#tail = (this.#tail + piece.subarray(-7).toString('latin1')).slice(-7);
    if (this.#tail === '\r\n0\r\n\r\n') this.#finish();
  }

  #finish(): void {
    const done = this.#done;
    this.#done = undefined;
    this.#failed = undefined;
    done?.({ status: this.#status, bytes: this.#bytes });
  }
}
