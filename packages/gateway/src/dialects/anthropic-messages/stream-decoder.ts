import { JsonStreamDecoder } from '../json-stream-decoder.ts';
import { asRecord, asString, asText, type JsonRecord } from '../../lib/json-value.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

const DIALECT = 'anthropic-messages';

/** Tool calls that the provider runs itself; the rest of `…_tool_use` would be the caller's. */
const PROVIDER_TOOL = /^(server|mcp)_tool_use$/;

/** One content block on the wire that became a tool call. */
interface ToolBlock {
  /** `input` as the start event gave it; used when no piece of it follows. */
  readonly initial: unknown;
  hasInput: boolean;
}

/**
 * Messages stream to events. Block ids are the block's `index` on the wire. Results of provider-run tools, citations
 * and block types unknown here give no events.
 */
export class AnthropicStreamDecoder extends JsonStreamDecoder {
  readonly #tools = new Map<string, ToolBlock>();
  #usage: JsonRecord = {};
  #stopReason: string | undefined;

  protected override accept(message: JsonRecord, event: string | undefined): void {
    const key = String(message['index']);
    switch (asString(message['type']) ?? event) {
      case 'message_start':
        return this.#messageStart(asRecord(message['message']) ?? {});
      case 'content_block_start':
        return this.#blockStart(key, asRecord(message['content_block']) ?? {});
      case 'content_block_delta':
        return this.#blockDelta(key, asRecord(message['delta']) ?? {});
      case 'content_block_stop':
        return this.#blockStop(key);
      case 'message_delta':
        this.#stopReason = asText(asRecord(message['delta'])?.['stop_reason']) ?? this.#stopReason;
        return this.#addUsage(asRecord(message['usage']), true);
      case 'message_stop':
        return this.writer.finish(mapFinishReason(this.#stopReason));
      case 'error':
        return this.#error(message);
    }
  }

  #messageStart(message: JsonRecord): void {
    this.writer.messageStart(asText(message['id']), asText(message['model']));
    // Its output_tokens only says that the answer has begun; the count comes with message_delta.
    this.#addUsage(asRecord(message['usage']), false);
  }

  #addUsage(usage: JsonRecord | undefined, isFinal: boolean): void {
    if (usage === undefined) return;
    const known = Object.entries(usage).filter(([, value]) => value !== null);
    this.#usage = { ...this.#usage, ...Object.fromEntries(known) };
    const mapped = mapUsage(this.#usage);
    this.writer.usage(isFinal ? mapped : { ...mapped, output: undefined });
  }

  #blockStart(key: string, block: JsonRecord): void {
    const type = asString(block['type']) ?? '';
    this.#blockStop(key);
    if (type === 'text') {
      this.writer.text(key, asString(block['text']) ?? '');
    } else if (type === 'thinking') {
      this.writer.reasoning(key, asString(block['thinking']) ?? '');
      this.#signature(key, block['signature']);
    } else if (type === 'redacted_thinking') {
      this.writer.opaque(key, { dialect: DIALECT, kind: 'redacted', data: asString(block['data']) ?? '' });
    } else if (type === 'tool_use' || PROVIDER_TOOL.test(type)) {
      const callId = asText(block['id']) ?? `call_${key}`;
      this.writer.startTool(key, {
        callId,
        name: asString(block['name']) ?? '',
        providerExecuted: type !== 'tool_use',
      });
      this.#tools.set(key, { initial: block['input'], hasInput: false });
    }
  }

  #blockDelta(key: string, delta: JsonRecord): void {
    switch (delta['type']) {
      case 'text_delta':
        return this.writer.text(key, asString(delta['text']) ?? '');
      case 'thinking_delta':
        return this.writer.reasoning(key, asString(delta['thinking']) ?? '');
      case 'signature_delta':
        return this.#signature(key, delta['signature']);
      case 'input_json_delta': {
        const json = asString(delta['partial_json']) ?? '';
        const tool = this.#tools.get(key);
        if (tool && json !== '') tool.hasInput = true;
        return this.writer.toolInput(key, json);
      }
    }
  }

  #signature(key: string, signature: unknown): void {
    const data = asText(signature);
    if (data !== undefined) this.writer.opaque(key, { dialect: DIALECT, kind: 'signature', data });
  }

  #blockStop(key: string): void {
    const tool = this.#tools.get(key);
    if (tool) {
      this.#tools.delete(key);
      if (!tool.hasInput) this.writer.toolInput(key, JSON.stringify(tool.initial ?? {}));
    }
    this.writer.end(key);
  }

  #error(message: JsonRecord): void {
    const error = asRecord(message['error']) ?? {};
    const text = asText(error['message']) ?? 'The provider reported an error without a message.';
    this.writer.error(text, asText(error['type']), message);
  }
}
