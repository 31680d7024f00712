import { request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { headersOf, methodOf, type CallOptions } from './http-call.ts';
import { waitFor } from './wait-for.ts';

/** An answer that is still arriving. */
export interface OpenStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Everything that arrived so far. */
  text(): string;
  /** Waits until the text so far holds `part`; rejects when the stream ends without it. */
  until(part: string): Promise<void>;
  /** Waits for the end: `end` when it was orderly, `cut` when the connection broke. */
  finished(): Promise<'end' | 'cut'>;
  /** Stops and restarts reading, for back-pressure. */
  pause(): void;
  resume(): void;
  /** Closes the connection at once, as an agent does that leaves. */
  leave(): void;
}

/** Sends a request and gives back the answer as soon as its headers are there. */
export function openStream(url: string, options: CallOptions): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: methodOf(options), headers: headersOf(options), agent: false },
      (response) => {
        outgoing.off('error', reject);
        outgoing.on('error', () => {});
        resolve(follow(outgoing, response));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

function follow(outgoing: ClientRequest, response: IncomingMessage): OpenStream {
  let text = '';
  let end: 'end' | 'cut' | undefined;
  const decoder = new TextDecoder();
  response.on('data', (chunk: Buffer) => {
    text += decoder.decode(chunk, { stream: true });
  });
  response.on('end', () => (end ??= response.complete ? 'end' : 'cut'));
  response.on('error', () => (end ??= 'cut'));
  response.on('close', () => (end ??= 'cut'));
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: () => text,
    until: (part) =>
      waitFor(`«${part}» in the stream`, () => {
        if (text.includes(part)) return true;
        if (end !== undefined) throw new Error(`The stream ended (${end}) without «${part}»: ${text.slice(-2000)}`);
        return undefined;
      }).then(() => {}),
    finished: () => waitFor('the end of the stream', () => end),
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    leave: () => void outgoing.destroy(),
  };
}

/** Sends a request without waiting for anything; gives back what closes its connection. */
export function sendOnly(url: string, options: CallOptions): () => void {
  const outgoing = request(
    url,
    { method: methodOf(options), headers: headersOf(options), agent: false },
    (response) => {
      response.on('error', () => {});
      response.resume();
    },
  );
  outgoing.on('error', () => {});
  outgoing.end(options.body);
  return () => void outgoing.destroy();
}
