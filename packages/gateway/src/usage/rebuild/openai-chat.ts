import { asArray, asRecord, asString, asText, type JsonRecord } from '../../lib/json-value.ts';
import { joinValue, Numbered, type MessageBuilder } from './accumulate.ts';

interface Call {
  value: JsonRecord;
}

interface Choice {
  /** Fields of the choice beside `delta`. */
  fields: JsonRecord;
  message: JsonRecord;
  readonly calls: Map<string, Call>;
  lastCall: string | undefined;
}

/** OpenAI Chat Completions: `chat.completion`. */
export class ChatBuilder implements MessageBuilder {
  #head: JsonRecord | undefined;
  #usage: JsonRecord | undefined;
  readonly #choices = new Numbered<Choice>();

  accept(data: JsonRecord): void {
    if (data['error'] !== undefined && data['choices'] === undefined) return;
    const { choices, usage, ...head } = data;
    this.#head = { ...head, ...this.#head };
    this.#usage = asRecord(usage) ?? this.#usage;
    asArray(choices).forEach((item, position) => {
      const { delta, message, ...fields } = asRecord(item) ?? {};
      const number = typeof fields['index'] === 'number' ? fields['index'] : position;
      const choice = this.#choices.at(number, () => ({
        fields: {},
        message: {},
        calls: new Map(),
        lastCall: undefined,
      }));
      const ended = choice.fields['finish_reason'];
      choice.fields = {
        ...choice.fields,
        ...fields,
        logprobs: joinLogprobs(choice.fields['logprobs'], fields['logprobs']),
      };
      if (ended !== undefined && ended !== null) choice.fields = { ...choice.fields, finish_reason: ended };
      this.#piece(choice, asRecord(delta) ?? asRecord(message) ?? {});
    });
  }

  message(): JsonRecord | undefined {
    if (this.#head === undefined) return undefined;
    const choices = this.#choices.inOrder().map(({ fields, message, calls }) => {
      const called = [...calls.values()].map(({ value }) => value);
      const whole = { role: 'assistant', content: null, ...message };
      const { logprobs, ...rest } = fields;
      return {
        ...rest,
        message: called.length > 0 ? { ...whole, tool_calls: called } : whole,
        ...(logprobs === undefined ? {} : { logprobs }),
      };
    });
    const usage = this.#usage === undefined ? {} : { usage: this.#usage };
    return { ...this.#head, object: 'chat.completion', choices, ...usage };
  }

  #piece(choice: Choice, delta: JsonRecord): void {
    const { tool_calls: calls, function_call: legacy, content, role, ...others } = delta;
    let message: JsonRecord = { ...choice.message };
    if (asText(role) !== undefined) message = { ...message, role };
    if (content !== undefined && content !== null) {
      message = { ...message, content: joinContent(message['content'], content) };
    }
    for (const [field, piece] of Object.entries(others)) {
      message = { ...message, [field]: joinValue(message[field], piece) };
    }
    if (asRecord(legacy)) {
      message = { ...message, function_call: joinFunction(asRecord(message['function_call']), asRecord(legacy)!) };
    }
    choice.message = message;
    const list = asArray(calls);
    list.forEach((call, position) => this.#call(choice, asRecord(call) ?? {}, list.length > 1 ? position : undefined));
  }

  /** Which call a piece belongs to is told as the stream decoder tells it. */
  #call(choice: Choice, piece: JsonRecord, position: number | undefined): void {
    const { index, function: fn, custom, ...fields } = piece;
    const id = asText(fields['id']);
    const number = index ?? position;
    const key = typeof number === 'number' ? `#${number}` : (id ?? choice.lastCall ?? '#0');
    const known = choice.calls.get(key)?.value;
    const named = asText(asRecord(fn ?? custom)?.['name']) !== undefined;
    // Some providers give every call index 0: another id with a name is another call.
    if (known !== undefined && id !== undefined && id !== known['id'] && named) {
      choice.calls.delete(key);
      choice.calls.set(`${key} ${choice.calls.size}`, { value: known });
    }
    choice.lastCall = key;
    const call = choice.calls.get(key) ?? { value: {} };
    choice.calls.set(key, call);
    const value = { ...call.value, ...withoutNulls(fields) };
    if (asRecord(fn)) call.value = { ...value, function: joinFunction(asRecord(value['function']), asRecord(fn)!) };
    else if (asRecord(custom))
      call.value = { ...value, custom: joinFunction(asRecord(value['custom']), asRecord(custom)!) };
    else call.value = value;
  }
}

/** Name, and the growing `arguments` or `input`. */
function joinFunction(before: JsonRecord = {}, piece: JsonRecord): JsonRecord {
  const joined: JsonRecord = { ...before, ...withoutNulls(piece) };
  const grown = (field: string): JsonRecord => {
    const value = piece[field];
    if (value === undefined || value === null) return {};
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return { [field]: (asString(before[field]) ?? '') + text };
  };
  return { ...joined, ...grown('arguments'), ...grown('input') };
}

/** Content is text, or a list of typed parts whose neighbours of one type are one. */
function joinContent(before: unknown, piece: unknown): unknown {
  if (typeof piece === 'string' && !Array.isArray(before)) return (asString(before) ?? '') + piece;
  const parts: JsonRecord[] = Array.isArray(before)
    ? [...(before as JsonRecord[])]
    : typeof before === 'string' && before !== ''
      ? [{ type: 'text', text: before }]
      : [];
  const pieces = typeof piece === 'string' ? [{ type: 'text', text: piece }] : asArray(piece);
  for (const item of pieces) {
    const part = asRecord(item) ?? {};
    const last = parts.at(-1);
    if (last === undefined || last['type'] !== part['type']) parts.push(part);
    else parts[parts.length - 1] = joinPart(last, part);
  }
  return parts;
}

function joinPart(before: JsonRecord, piece: JsonRecord): JsonRecord {
  if (Array.isArray(piece['summary'])) {
    return { ...before, ...piece, summary: joinContent(asArray(before['summary']), piece['summary']) };
  }
  return { ...before, ...piece, text: (asString(before['text']) ?? '') + (asString(piece['text']) ?? '') };
}

function joinLogprobs(before: unknown, piece: unknown): unknown {
  const [a, b] = [asRecord(before), asRecord(piece)];
  if (a === undefined || b === undefined) return piece ?? before;
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((field) => [field, joinValue(a[field], b[field])]),
  );
}

function withoutNulls(fields: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
