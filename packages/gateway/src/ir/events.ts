import type { TokenUsage } from './usage.ts';

/** Why generation ended: the unified word and the provider's own. */
export interface FinishReason {
  readonly unified: 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'error' | 'other';
  readonly raw: string | undefined;
}

/** An opaque reasoning token, replayable only to the dialect it came from. */
export interface OpaqueReasoning {
  readonly dialect: string;
  readonly kind: 'signature' | 'encrypted' | 'redacted';
  readonly data: string;
}

/**
 * What a model says, independent of the dialect. Laws (checked by `laws.ts` over every dialect):
 * exactly one `finish` or `error`, last; each `*-start` has its `*-end`; a delta names an open block;
 * block ids are stable and unique; the events do not depend on how the bytes were cut.
 * No event carries a growing copy of the message.
 */
export type StreamEvent =
  | { readonly type: 'message-start'; readonly id: string | undefined; readonly model: string | undefined }
  | { readonly type: 'text-start'; readonly block: string }
  | { readonly type: 'text-delta'; readonly block: string; readonly text: string }
  | { readonly type: 'text-end'; readonly block: string }
  | { readonly type: 'reasoning-start'; readonly block: string }
  | { readonly type: 'reasoning-delta'; readonly block: string; readonly text: string }
  | { readonly type: 'reasoning-end'; readonly block: string; readonly opaque: OpaqueReasoning | undefined }
  | {
      readonly type: 'tool-input-start';
      readonly block: string;
      readonly callId: string;
      readonly name: string;
      readonly providerExecuted: boolean;
    }
  | { readonly type: 'tool-input-delta'; readonly block: string; readonly json: string }
  | { readonly type: 'tool-input-end'; readonly block: string }
  /** May stand several times; later values replace earlier ones field by field where defined. */
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  | { readonly type: 'finish'; readonly reason: FinishReason }
  | { readonly type: 'error'; readonly message: string; readonly code: string | undefined; readonly raw: unknown };
