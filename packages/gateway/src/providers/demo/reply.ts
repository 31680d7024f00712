import { createHash } from 'node:crypto';

/** An answer in a dialect, both as one JSON document and as the events of a stream. */
export interface Reply {
  readonly json: unknown;
  /** Whole events in SSE framing, the terminal one last. */
  readonly events: readonly string[];
  /** An error inside a stream, in the dialect's form. */
  readonly errorEvent: string;
  /** What the dialect sends to keep a connection warm, if it has such a thing. */
  readonly ping: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Second of every `created` field: a constant, so that equal requests get equal bytes. */
export const DEMO_CREATED = 1_767_225_600;

/** An id that depends on nothing but the request and its place in the answer. */
export function demoId(prefix: string, seed: string, place = ''): string {
  return prefix + createHash('sha256').update(`${seed}/${prefix}/${place}`).digest('hex').slice(0, 24);
}

/** An SSE event without a name. */
export function dataEvent(data: unknown, newline = '\n'): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}${newline}${newline}`;
}

/** An SSE event named like its own `type`. */
export function typedEvent(event: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Cuts tool arguments into the small pieces that real streams have. */
export function argumentPieces(json: string): string[] {
  return json.match(/[\s\S]{1,16}/g) ?? [''];
}
