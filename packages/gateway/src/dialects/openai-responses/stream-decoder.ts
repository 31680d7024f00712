import { asArray, asRecord, asString, asText, type JsonRecord } from '../../lib/json-value.ts';
import { JsonStreamDecoder } from '../json-stream-decoder.ts';
import { callItem, reasoningTexts } from './item-facts.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

const DIALECT = 'openai-responses';

/** What has been told of one output item. */
interface ItemState {
  /** Blocks told so far: the item itself for calls and reasoning, one per content part for messages. */
  readonly told: Set<string>;
  isCall: boolean;
  /** Freeform call: a JSON string is open. */
  isText: boolean;
  /** The reasoning part last written to; parts are parted by an empty line. */
  part: string | undefined;
  isDone: boolean;
}

/**
 * Responses stream to events. A block is an output item, or a content part of a message item. Everything may also
 * come late: whatever no delta told is taken from the `.done` event, from the finished item, or from the final
 * response; nothing is told twice. A whole response is read as the final event alone.
 */
export class ResponsesStreamDecoder extends JsonStreamDecoder {
  readonly #items = new Map<string, ItemState>();
  /** Item id to output index, for events that name only one of them. */
  readonly #indexes = new Map<string, string>();
  #calledTools = false;

  protected override accept(message: JsonRecord, event: string | undefined): void {
    const type = asString(message['type']) ?? event ?? '';
    const response = asRecord(message['response']) ?? {};
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return this.writer.messageStart(asText(response['id']), asText(response['model']));
      case 'response.output_item.added':
        return this.#itemAdded(this.#keyOf(message), asRecord(message['item']) ?? {});
      case 'response.output_item.done':
        return this.#itemDone(this.#keyOf(message), asRecord(message['item']) ?? {});
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return this.#text(message, asString(message['delta']) ?? '');
      case 'response.output_text.done':
      case 'response.refusal.done':
        return this.#textDone(message, asString(message['text']) ?? asString(message['refusal']) ?? '');
      case 'response.reasoning_summary_text.delta':
        return this.#reasoning(message, `summary:${message['summary_index']}`);
      case 'response.reasoning_text.delta':
        return this.#reasoning(message, `text:${message['content_index']}`);
      case 'response.function_call_arguments.delta':
      case 'response.mcp_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#input(this.#keyOf(message), asString(message['delta']) ?? '');
      case 'response.function_call_arguments.done':
      case 'response.mcp_call_arguments.done':
      case 'response.custom_tool_call_input.done':
        return this.#inputDone(
          this.#keyOf(message),
          asString(message['arguments']) ?? asString(message['input']) ?? '',
        );
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        return this.#response(response);
      case 'error':
        return this.#error(asRecord(message['error']) ?? message, message);
      default:
        if (asRecord(message['error'])) this.#error(asRecord(message['error']) ?? {}, message);
    }
  }

  #keyOf(message: JsonRecord): string {
    const itemId = asText(message['item_id']) ?? asText(asRecord(message['item'])?.['id']);
    const index = message['output_index'];
    if (typeof index !== 'number') return (itemId && this.#indexes.get(itemId)) ?? itemId ?? '0';
    if (itemId !== undefined) this.#indexes.set(itemId, String(index));
    return String(index);
  }

  #state(key: string): ItemState {
    let state = this.#items.get(key);
    if (state === undefined) {
      state = { told: new Set(), isCall: false, isText: false, part: undefined, isDone: false };
      this.#items.set(key, state);
    }
    return state;
  }

  #itemAdded(key: string, item: JsonRecord): void {
    const state = this.#state(key);
    if (item['type'] === 'reasoning') return this.writer.startReasoning(key);
    const call = callItem(item, key);
    if (call === undefined || state.isCall) return;
    state.isCall = true;
    state.isText = call.isText;
    if (!call.providerExecuted) this.#calledTools = true;
    this.writer.startTool(key, call);
  }

  #itemDone(key: string, item: JsonRecord): void {
    const state = this.#state(key);
    if (state.isDone) return;
    const call = callItem(item, key);
    if (call !== undefined) {
      this.#itemAdded(key, item);
      this.#inputDone(key, call.isText ? (asString(item['input']) ?? '') : (call.json ?? '{}'));
    } else if (item['type'] === 'reasoning') {
      this.#reasoningDone(key, item, state);
    } else if (item['type'] === 'message') {
      asArray(item['content']).forEach((value, index) => {
        const part = asRecord(value) ?? {};
        const text = asText(part['text']) ?? asText(part['refusal']);
        if (text !== undefined) this.#textDone({ content_index: index }, text, key);
      });
    }
    state.isDone = true;
  }

  #text(message: JsonRecord, delta: string, item = this.#keyOf(message)): void {
    const block = `${item}:${message['content_index'] ?? 0}`;
    const state = this.#state(item);
    if (state.isDone) return;
    if (delta !== '') state.told.add(block);
    this.writer.text(block, delta);
  }

  #textDone(message: JsonRecord, text: string, item = this.#keyOf(message)): void {
    const block = `${item}:${message['content_index'] ?? 0}`;
    if (!this.#state(item).told.has(block)) this.#text(message, text, item);
    this.writer.end(block);
  }

  #reasoning(message: JsonRecord, part: string): void {
    const key = this.#keyOf(message);
    const state = this.#state(key);
    const delta = asString(message['delta']) ?? '';
    if (delta === '' || state.isDone) return;
    this.writer.reasoning(key, state.part !== undefined && state.part !== part ? `\n\n${delta}` : delta);
    state.part = part;
  }

  #reasoningDone(key: string, item: JsonRecord, state: ItemState): void {
    this.writer.reasoning(key, state.part === undefined ? reasoningTexts(item).join('\n\n') : '');
    const data = asText(item['encrypted_content']);
    if (data !== undefined) this.writer.opaque(key, { dialect: DIALECT, kind: 'encrypted', data });
    this.writer.end(key);
  }

  /** Freeform input becomes one JSON string, so that `json` is always JSON. */
  #input(key: string, delta: string): void {
    const state = this.#state(key);
    if (delta === '' || !this.writer.isOpen(key)) return;
    if (!state.isText) this.writer.toolInput(key, delta);
    else this.writer.toolInput(key, (state.told.has(key) ? '' : '"') + JSON.stringify(delta).slice(1, -1));
    state.told.add(key);
  }

  #inputDone(key: string, whole: string): void {
    const state = this.#state(key);
    if (!this.writer.isOpen(key)) return;
    if (!state.told.has(key)) this.#input(key, whole);
    if (state.isText) this.writer.toolInput(key, state.told.has(key) ? '"' : '""');
    this.writer.end(key);
  }

  /** The final response: what was not told yet, usage, and the end. */
  #response(response: JsonRecord): void {
    this.writer.messageStart(asText(response['id']), asText(response['model']));
    asArray(response['output']).forEach((value, index) => {
      const item = asRecord(value) ?? {};
      const id = asText(item['id']);
      // Where the stream named items by id alone, that is the key.
      this.#itemDone(id !== undefined && this.#items.has(id) ? id : String(index), item);
    });
    const usage = asRecord(response['usage']);
    if (usage) this.writer.usage(mapUsage(usage));
    const error = asRecord(response['error']);
    if (error || response['status'] === 'failed') return this.#error(error ?? {}, response);
    this.writer.finish(mapFinishReason(response, this.#calledTools));
  }

  #error(error: JsonRecord, raw: unknown): void {
    const message = asText(error['message']) ?? 'The provider reported an error without a message.';
    this.writer.error(message, asText(error['code']) ?? asText(error['type']), raw);
  }
}
