import { asRecord, asString, parseJson, type JsonRecord } from '../../lib/json-value.ts';
import { Numbered, type MessageBuilder } from './accumulate.ts';

interface Block {
  value: JsonRecord;
  /** Pieces of `input`, which is JSON once it is whole. */
  input: string;
}

/** Anthropic Messages: `message`. */
export class AnthropicBuilder implements MessageBuilder {
  #message: JsonRecord | undefined;
  readonly #blocks = new Numbered<Block>();

  accept(data: JsonRecord, event: string | undefined): void {
    const number = typeof data['index'] === 'number' ? data['index'] : 0;
    switch (asString(data['type']) ?? event) {
      case 'message_start':
        this.#message = asRecord(data['message']);
        break;
      case 'content_block_start':
        this.#blocks.set(number, { value: asRecord(data['content_block']) ?? {}, input: '' });
        break;
      case 'content_block_delta':
        this.#delta(
          this.#blocks.at(number, () => ({ value: {}, input: '' })),
          asRecord(data['delta']) ?? {},
        );
        break;
      case 'message_delta':
        this.#message = {
          ...this.#message,
          ...asRecord(data['delta']),
          usage: { ...asRecord(this.#message?.['usage']), ...known(asRecord(data['usage']) ?? {}) },
        };
        break;
      default:
    }
  }

  message(): JsonRecord | undefined {
    if (this.#message === undefined) return undefined;
    const content = this.#blocks.inOrder().map(({ value, input }) => {
      if (input === '') return value;
      // Cut off in the middle of the input: what there is of it, as text.
      return { ...value, input: parseJson(input) ?? input };
    });
    return { ...this.#message, content };
  }

  #delta(block: Block, delta: JsonRecord): void {
    const { value } = block;
    switch (delta['type']) {
      case 'text_delta':
        block.value = { type: 'text', ...value, text: grow(value['text'], delta['text']) };
        break;
      case 'thinking_delta':
        block.value = { type: 'thinking', ...value, thinking: grow(value['thinking'], delta['thinking']) };
        break;
      case 'signature_delta':
        block.value = { ...value, signature: grow(value['signature'], delta['signature']) };
        break;
      case 'citations_delta': {
        const citations = Array.isArray(value['citations']) ? (value['citations'] as unknown[]) : [];
        block.value = { ...value, citations: [...citations, delta['citation']] };
        break;
      }
      case 'input_json_delta':
        block.input += asString(delta['partial_json']) ?? '';
        break;
      default:
    }
  }
}

function grow(before: unknown, piece: unknown): string {
  return (asString(before) ?? '') + (asString(piece) ?? '');
}

/** Without the fields that are `null`: counts told earlier stay. */
function known(fields: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
