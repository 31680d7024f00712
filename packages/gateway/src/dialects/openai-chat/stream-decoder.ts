import type { SseFrame } from '../../framing/sse.ts';
import type { StreamEvent } from '../../ir/events.ts';
import { asArray, asRecord, asString, asText, type JsonRecord } from '../../lib/json-value.ts';
import { JsonStreamDecoder } from '../json-stream-decoder.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** A tool call in the making. */
interface Call {
  readonly id: string | undefined;
  readonly key: string;
  /** A freeform call: its input is text, told as one JSON string. */
  readonly isCustom: boolean;
}

/**
 * Chat chunks to events. Text and reasoning alternate in one block each until the other begins; tool calls stay open
 * to the end, as their pieces may interleave. A whole `message` is read as one `delta`.
 *
 * The finish reason comes before the usage, so `finish` is held until `[DONE]` or the end of the bytes.
 */
export class ChatStreamDecoder extends JsonStreamDecoder {
  readonly #calls = new Map<string, Call>();
  /** The call last spoken of, per choice: providers that give no index mean it. */
  readonly #lastCall = new Map<string, string>();
  #finishReason: string | undefined;
  #isDone = false;

  override step(frame: SseFrame): StreamEvent[] {
    if (frame.data.trim() !== '[DONE]') return super.step(frame);
    this.#isDone = true;
    return this.writer.ended ? [] : this.end();
  }

  protected override accept(chunk: JsonRecord): void {
    if (chunk['error']) return this.#error(chunk);
    this.writer.messageStart(asText(chunk['id']), asText(chunk['model']));
    asArray(chunk['choices']).forEach((item, position) => {
      const choice = asRecord(item) ?? {};
      this.#choice(typeof choice['index'] === 'number' ? choice['index'] : position, choice);
    });
    const usage = asRecord(chunk['usage']);
    if (usage) this.writer.usage(mapUsage(usage));
  }

  protected override acceptEnd(): void {
    if (this.#finishReason === undefined && !this.#isDone) return;
    for (const call of this.#calls.values()) if (call.isCustom) this.writer.toolInput(call.key, '"');
    this.writer.finish(mapFinishReason(this.#finishReason));
  }

  #choice(index: number, choice: JsonRecord): void {
    const delta = asRecord(choice['delta']) ?? asRecord(choice['message']) ?? {};
    this.#reasoning(index, asText(delta['reasoning_content']) ?? asText(delta['reasoning']));
    this.#content(index, delta['content']);
    this.#text(index, asText(delta['refusal']));
    const calls = asArray(delta['tool_calls']);
    calls.forEach((call, position) =>
      this.#toolCall(index, asRecord(call) ?? {}, calls.length > 1 ? position : undefined),
    );
    const legacy = asRecord(delta['function_call']);
    if (legacy) this.#toolCall(index, { index: 0, function: legacy }, undefined);
    this.#finishReason ??= asText(choice['finish_reason']);
  }

  /** A string, or typed parts (Databricks gives Claude's reasoning so). */
  #content(index: number, content: unknown): void {
    this.#text(index, asText(content));
    for (const item of asArray(content)) {
      const part = asRecord(item) ?? {};
      this.#text(index, part['type'] === 'text' ? asText(part['text']) : undefined);
      for (const summary of asArray(part['summary'])) this.#reasoning(index, asText(asRecord(summary)?.['text']));
    }
  }

  #text(index: number, text: string | undefined): void {
    if (text === undefined) return;
    this.writer.end(`reasoning:${index}`);
    this.writer.text(`text:${index}`, text);
  }

  #reasoning(index: number, text: string | undefined): void {
    if (text === undefined) return;
    this.writer.end(`text:${index}`);
    this.writer.reasoning(`reasoning:${index}`, text);
  }

  #toolCall(choice: number, wire: JsonRecord, position: number | undefined): void {
    this.writer.end(`text:${choice}`);
    this.writer.end(`reasoning:${choice}`);
    const custom = asRecord(wire['custom']);
    const fn = custom ?? asRecord(wire['function']) ?? {};
    const id = asText(wire['id']);
    const key = this.#callKey(choice, wire['index'] ?? position, id);
    let call = this.#calls.get(key);
    const name = asText(fn['name']);
    // Some providers give every call index 0: another id with a name is another call.
    if (call === undefined || (id !== undefined && id !== call.id && name !== undefined)) {
      if (call?.isCustom) this.writer.toolInput(key, '"');
      call = { id, key, isCustom: custom !== undefined };
      this.writer.startTool(key, {
        callId: id ?? `call_${key.replace(/\W/g, '_')}`,
        name: name ?? '',
        providerExecuted: false,
      });
      if (call.isCustom) this.writer.toolInput(key, '"');
      this.#calls.set(key, call);
    }
    this.#lastCall.set(String(choice), key);
    if (call.isCustom) this.writer.toolInput(key, JSON.stringify(asString(fn['input']) ?? '').slice(1, -1));
    else this.writer.toolInput(key, argumentsText(fn['arguments']));
  }

  #callKey(choice: number, index: unknown, id: string | undefined): string {
    if (typeof index === 'number') return `tool:${choice}:${index}`;
    if (id !== undefined) return `tool:${choice}:${id}`;
    return this.#lastCall.get(String(choice)) ?? `tool:${choice}:0`;
  }

  #error(chunk: JsonRecord): void {
    const error = asRecord(chunk['error']);
    const message = asText(error?.['message']) ?? asText(chunk['error']) ?? asText(chunk['message']);
    const code = error?.['code'] ?? error?.['type'];
    this.writer.error(
      message ?? 'The provider reported an error without a message.',
      typeof code === 'string' || typeof code === 'number' ? String(code) : undefined,
      chunk,
    );
  }
}

/** Arguments are text in pieces; a few providers send the object itself. */
function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return asRecord(value) ? JSON.stringify(value) : '';
}
