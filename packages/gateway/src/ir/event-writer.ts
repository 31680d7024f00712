import type { FinishReason, OpaqueReasoning, StreamEvent } from './events.ts';
import type { TokenUsage } from './usage.ts';

type BlockKind = 'text' | 'reasoning' | 'tool-input';

interface OpenBlock {
  readonly kind: BlockKind;
  readonly id: string;
  opaque: OpaqueReasoning | undefined;
}

export interface ToolStart {
  readonly callId: string;
  readonly name: string;
  readonly providerExecuted: boolean;
}

/**
 * Writes events so that the laws hold whatever the wire said: blocks are opened when first spoken of and closed before
 * the end, ids are never used twice, nothing follows the terminal event. Decoders name blocks by a key of their own
 * (an index on the wire); a key used again after its block ended starts a new block.
 */
export class EventWriter {
  #events: StreamEvent[] = [];
  readonly #open = new Map<string, OpenBlock>();
  readonly #uses = new Map<string, number>();
  #started = false;
  #ended = false;

  /** Whether the terminal event has been written. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Hands over what was written since the last call. */
  take(): StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The first call counts, and only while nothing else was written. */
  messageStart(id: string | undefined, model: string | undefined): void {
    if (!this.#started && !this.#ended) this.#write({ type: 'message-start', id, model });
  }

  isOpen(key: string): boolean {
    return this.#open.has(key);
  }

  startText(key: string): void {
    this.#start(key, 'text', undefined);
  }

  startReasoning(key: string): void {
    this.#start(key, 'reasoning', undefined);
  }

  /** Starts a tool call, ending a call that is still open under the key. */
  startTool(key: string, tool: ToolStart): void {
    this.end(key);
    this.#start(key, 'tool-input', tool);
  }

  /** Adds text, opening the block when it is not open. Empty text opens it and adds nothing. */
  text(key: string, text: string): void {
    const block = this.#start(key, 'text', undefined);
    if (block && text !== '') this.#write({ type: 'text-delta', block: block.id, text });
  }

  /** As `text`, for reasoning. */
  reasoning(key: string, text: string): void {
    const block = this.#start(key, 'reasoning', undefined);
    if (block && text !== '') this.#write({ type: 'reasoning-delta', block: block.id, text });
  }

  /** Notes the opaque token that the block's end will carry, opening the block when it is not open. */
  opaque(key: string, opaque: OpaqueReasoning): void {
    const block = this.#start(key, 'reasoning', undefined);
    if (block) block.opaque = opaque;
  }

  /** Adds a piece of a tool call's input. Ignored when no such call is open. */
  toolInput(key: string, json: string): void {
    const block = this.#open.get(key);
    if (block?.kind === 'tool-input' && json !== '') {
      this.#write({ type: 'tool-input-delta', block: block.id, json });
    }
  }

  /** Ends the block when it is open. */
  end(key: string): void {
    const block = this.#open.get(key);
    if (block === undefined) return;
    this.#open.delete(key);
    if (block.kind === 'reasoning') {
      this.#write({ type: 'reasoning-end', block: block.id, opaque: block.opaque });
    } else {
      this.#write({ type: `${block.kind}-end`, block: block.id });
    }
  }

  usage(usage: TokenUsage): void {
    if (!this.#ended) this.#write({ type: 'usage', usage });
  }

  finish(reason: FinishReason): void {
    this.#close({ type: 'finish', reason });
  }

  error(message: string, code: string | undefined, raw: unknown): void {
    this.#close({ type: 'error', message, code, raw });
  }

  #write(event: StreamEvent): void {
    this.#started = true;
    this.#events.push(event);
  }

  #close(terminal: StreamEvent): void {
    if (this.#ended) return;
    for (const key of this.#open.keys()) this.end(key);
    this.#write(terminal);
    this.#ended = true;
  }

  /** The open block of that key and kind, opened when need be; a block of another kind under the key ends first. */
  #start(key: string, kind: BlockKind, tool: ToolStart | undefined): OpenBlock | undefined {
    if (this.#ended) return undefined;
    const open = this.#open.get(key);
    if (open?.kind === kind) return open;
    if (open) this.end(key);
    const uses = this.#uses.get(key) ?? 0;
    this.#uses.set(key, uses + 1);
    const block: OpenBlock = { kind, id: uses === 0 ? key : `${key}#${uses + 1}`, opaque: undefined };
    this.#open.set(key, block);
    if (tool) this.#write({ type: 'tool-input-start', block: block.id, ...tool });
    else if (kind === 'text') this.#write({ type: 'text-start', block: block.id });
    else this.#write({ type: 'reasoning-start', block: block.id });
    return block;
  }
}
