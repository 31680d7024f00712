import { asArray, asRecord, asString, type JsonRecord } from '../../lib/json-value.ts';
import { Numbered, type MessageBuilder } from './accumulate.ts';

interface Item {
  value: JsonRecord;
  readonly content: Numbered<JsonRecord>;
  readonly summary: Numbered<JsonRecord>;
  isDone: boolean;
}

/** Fields of an output item that grow, by the event that brings the pieces. */
const growingFields: Readonly<Record<string, string>> = {
  'response.function_call_arguments.delta': 'arguments',
  'response.mcp_call_arguments.delta': 'arguments',
  'response.custom_tool_call_input.delta': 'input',
};

/** OpenAI Responses: `response`. The last event carries it; where it is missing, the items are put together. */
export class ResponsesBuilder implements MessageBuilder {
  #response: JsonRecord | undefined;
  readonly #items = new Numbered<Item>();

  accept(data: JsonRecord, event: string | undefined): void {
    const type = asString(data['type']) ?? event ?? '';
    this.#response = asRecord(data['response']) ?? this.#response;
    const number = typeof data['output_index'] === 'number' ? data['output_index'] : 0;
    const item = asRecord(data['item']);
    if (item !== undefined) {
      const isDone = type === 'response.output_item.done';
      this.#items.set(number, { value: item, content: new Numbered(), summary: new Numbered(), isDone });
      return;
    }
    const growing = growingFields[type];
    if (growing !== undefined) return this.#grow(number, growing, data);
    if (type === 'response.output_text.delta') this.#part(number, 'content', data, 'output_text', 'text');
    if (type === 'response.refusal.delta') this.#part(number, 'content', data, 'refusal', 'refusal');
    if (type === 'response.reasoning_text.delta') this.#part(number, 'content', data, 'reasoning_text', 'text');
    if (type === 'response.reasoning_summary_text.delta') this.#part(number, 'summary', data, 'summary_text', 'text');
  }

  message(): JsonRecord | undefined {
    if (this.#response === undefined) return undefined;
    const told = asArray(this.#response['output']);
    if (told.length > 0) return this.#response;
    const output = this.#items.inOrder().map(({ value, content, summary, isDone }) => {
      if (isDone) return value;
      const [parts, summaries] = [content.inOrder(), summary.inOrder()];
      return {
        ...value,
        ...(parts.length > 0 ? { content: parts } : {}),
        ...(summaries.length > 0 ? { summary: summaries } : {}),
      };
    });
    return { ...this.#response, output };
  }

  #item(number: number): Item {
    return this.#items.at(number, () => ({
      value: {},
      content: new Numbered(),
      summary: new Numbered(),
      isDone: false,
    }));
  }

  #grow(number: number, field: string, data: JsonRecord): void {
    const item = this.#item(number);
    const grown = (asString(item.value[field]) ?? '') + (asString(data['delta']) ?? '');
    if (!item.isDone) item.value = { ...item.value, [field]: grown };
  }

  #part(number: number, list: 'content' | 'summary', data: JsonRecord, type: string, field: string): void {
    const index = data[list === 'content' ? 'content_index' : 'summary_index'];
    const place = typeof index === 'number' ? index : 0;
    const parts = this.#item(number)[list];
    const part = parts.get(place) ?? { type };
    parts.set(place, { ...part, [field]: (asString(part[field]) ?? '') + (asString(data['delta']) ?? '') });
  }
}
