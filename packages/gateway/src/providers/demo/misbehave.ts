import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { DialectId } from '../../dialects/dialect.ts';
import { errorBody } from './error-bodies.ts';
import type { Reply } from './reply.ts';
import type { Behaviour } from './scenario.ts';
import { byteSink, ClientLeft, closed, gzipSink, plainSink, type Sink } from './sink.ts';

const MALFORMED_EVENT = 'data: {"this is not": JSON\n\n';

/**
 * The misbehaviours that replace the answer.
 * @returns whether one did.
 */
export async function replaceAnswer(
  response: ServerResponse,
  dialect: DialectId,
  behaviour: Behaviour,
  leave: AbortSignal,
): Promise<boolean> {
  if (behaviour.slowFirstByteMs !== undefined) await wait(behaviour.slowFirstByteMs, undefined, { signal: leave });
  if (behaviour.hang) {
    await closed(response);
    return true;
  }
  const answer = substitute(dialect, behaviour);
  if (answer === undefined) return false;
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
  return true;
}

/** Sends the reply, as one document or as a stream, with the misbehaviours that happen on the way. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  asStream: boolean,
  behaviour: Behaviour,
  leave: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(reply.json);
  const half = Math.ceil(body.length / 2);
  response.writeHead(200, {
    ...reply.headers,
    ...(asStream
      ? { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }
      : { 'content-type': 'application/json' }),
    ...(behaviour.gzip ? { 'content-encoding': 'gzip' } : {}),
    ...(asStream || behaviour.gzip || changesLength(behaviour) ? {} : { 'content-length': Buffer.byteLength(body) }),
  });
  const pieces = asStream ? reply.events : [body.slice(0, half), body.slice(half)];
  const errorPiece = asStream ? reply.errorEvent : '"not the rest"';
  const sink = sinkFor(response, behaviour);
  const middle = Math.max(1, Math.floor(pieces.length / 2));
  for (const [index, piece] of pieces.entries()) {
    if (index === middle && (await endsInTheMiddle(sink, piece, errorPiece, asStream, behaviour, leave))) return;
    if (asStream && behaviour.pings && reply.ping !== undefined) await sink.write(reply.ping);
    await sink.write(piece);
    const delayMs = behaviour.chunks?.delayMs ?? 0;
    if (delayMs > 0) await wait(delayMs, undefined, { signal: leave });
  }
  await sink.end();
}

/** Whether an error only says that the client is gone. */
export function isClientLeaving(error: unknown): boolean {
  return error instanceof ClientLeft || (error instanceof Error && error.name === 'AbortError');
}

async function endsInTheMiddle(
  sink: Sink,
  piece: string,
  errorPiece: string,
  asStream: boolean,
  behaviour: Behaviour,
  leave: AbortSignal,
): Promise<boolean> {
  if (behaviour.silenceMs !== undefined) await wait(behaviour.silenceMs, undefined, { signal: leave });
  if (behaviour.malformed) await sink.write(asStream ? MALFORMED_EVENT : '{"this is not": JSON');
  if (behaviour.cut) {
    await sink.write(piece.slice(0, Math.ceil(piece.length / 2)));
    await sink.destroy();
    return true;
  }
  if (behaviour.sseError) await sink.write(errorPiece);
  if (!behaviour.sseError && !behaviour.cleanCut) return false;
  await sink.end();
  return true;
}

interface Substitute {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function substitute(dialect: DialectId, behaviour: Behaviour): Substitute | undefined {
  const { error, html } = behaviour;
  if (behaviour.redirect) {
    return { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' }, body: '' };
  }
  if (error !== undefined) {
    const retry: Record<string, string> = error.retryAfter === undefined ? {} : { 'retry-after': error.retryAfter };
    const body = JSON.stringify(
      errorBody(dialect, error.status, `The demo model was asked to answer ${error.status}.`),
    );
    return { status: error.status, headers: { 'content-type': 'application/json', ...retry }, body };
  }
  if (html !== undefined) {
    const body = `<!doctype html><html><body><h1>${html}</h1><p>A page from a proxy in the way (demo).</p></body></html>`;
    return { status: html, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
  }
  if (behaviour.errorIn200) {
    const body = JSON.stringify(errorBody(dialect, 500, 'The demo model failed, but with status 200.'));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  if (!behaviour.wrongType) return undefined;
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: 'upstream connect error or disconnect (demo)\n',
  };
}

function sinkFor(response: ServerResponse, behaviour: Behaviour): Sink {
  if (behaviour.gzip) return gzipSink(response);
  return behaviour.byteByByte ? byteSink(response) : plainSink(response);
}

function changesLength(behaviour: Behaviour): boolean {
  return Boolean(behaviour.malformed || behaviour.cleanCut || behaviour.sseError);
}
