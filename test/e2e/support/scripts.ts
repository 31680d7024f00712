import { setTimeout as sleep } from 'node:timers/promises';
import type { DialectCase } from './dialect-cases.ts';
import type { Script } from './scripted-upstream.ts';

/** Answers with these bytes. */
export function answers(status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Script {
  return (_received, response) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    });
    response.end(body);
  };
}

/** Streams these events, with `gapMs` between them where given. */
export function streams(events: readonly string[], gapMs = 0): Script {
  return async (_received, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) {
      response.write(event);
      if (gapMs > 0) await sleep(gapMs);
    }
    response.end();
  };
}

/** Streams the first `count` events of the dialect and then does `after`. */
export function streamsThen(dialect: DialectCase, count: number, after: 'hang' | 'cut' | 'clean-end'): Script {
  return (_received, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(dialect.events.slice(0, count).join(''));
    if (after === 'clean-end') response.end();
    if (after === 'cut') setTimeout(() => response.destroy(), 50);
  };
}

/** The dialect's usual answer: streamed or whole, as the request asks. */
export function speaks(dialect: DialectCase, stream: boolean): Script {
  return stream ? streams(dialect.events) : answers(200, dialect.answer);
}

/** Never answers. */
export const saysNothing: Script = () => {};
