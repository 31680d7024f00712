/**
 * One server-sent event (WHATWG HTML, "Server-sent events"). Comments and events without data are
 * not frames.
 */
export interface SseFrame {
  /** The `event:` field, or `undefined`. */
  readonly event: string | undefined;
  /** The `data:` lines joined by a newline. */
  readonly data: string;
}
