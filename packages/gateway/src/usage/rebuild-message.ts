import type { DialectId } from '../dialects/dialect.ts';
import { SseParser } from '../framing/sse.ts';
import { asRecord, parseJson } from '../lib/json-value.ts';
import type { MessageBuilder } from './rebuild/accumulate.ts';
import { AnthropicBuilder } from './rebuild/anthropic-messages.ts';
import { GeminiBuilder } from './rebuild/gemini.ts';
import { ChatBuilder } from './rebuild/openai-chat.ts';
import { ResponsesBuilder } from './rebuild/openai-responses.ts';

const builders: Readonly<Record<DialectId, () => MessageBuilder>> = {
  'anthropic-messages': () => new AnthropicBuilder(),
  'openai-chat': () => new ChatBuilder(),
  'openai-responses': () => new ResponsesBuilder(),
  gemini: () => new GeminiBuilder(),
};

/**
 * The whole message of a stream, as the JSON answer of its dialect would have been. Built from the wire's own fields,
 * so that those no decoder knows are kept. A stream that broke off gives what was told until then.
 * @param events raw event text.
 * @returns JSON, or `undefined` where the stream told nothing of a message. Never throws.
 */
export function rebuildMessage(dialect: DialectId, events: Uint8Array): string | undefined {
  try {
    const parser = new SseParser();
    const builder = builders[dialect]();
    for (const frame of [...parser.push(events), ...parser.end()]) {
      const data = asRecord(parseJson(frame.data));
      if (data !== undefined) builder.accept(data, frame.event);
    }
    const message = builder.message();
    return message === undefined ? undefined : JSON.stringify(message);
  } catch {
    // Only nesting deeper than the stack can hold comes here.
    return undefined;
  }
}
