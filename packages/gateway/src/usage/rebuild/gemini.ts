import { asArray, asRecord, asString, type JsonRecord } from '../../lib/json-value.ts';
import { Numbered, type MessageBuilder } from './accumulate.ts';

interface Candidate {
  fields: JsonRecord;
  content: JsonRecord;
  readonly parts: JsonRecord[];
}

/** Gemini: `GenerateContentResponse`. */
export class GeminiBuilder implements MessageBuilder {
  #response: JsonRecord | undefined;
  readonly #candidates = new Numbered<Candidate>();

  accept(data: JsonRecord): void {
    if (data['error'] !== undefined && data['candidates'] === undefined) return;
    const { candidates, usageMetadata, ...fields } = data;
    const usage = { ...asRecord(this.#response?.['usageMetadata']), ...asRecord(usageMetadata) };
    this.#response = {
      ...this.#response,
      ...fields,
      ...(Object.keys(usage).length > 0 ? { usageMetadata: usage } : {}),
    };
    asArray(candidates).forEach((item, position) => {
      const { content, ...rest } = asRecord(item) ?? {};
      const number = typeof rest['index'] === 'number' ? rest['index'] : position;
      const candidate = this.#candidates.at(number, () => ({ fields: {}, content: {}, parts: [] }));
      const { parts, ...others } = asRecord(content) ?? {};
      candidate.fields = { ...candidate.fields, ...rest };
      candidate.content = { ...candidate.content, ...others };
      for (const part of asArray(parts)) addPart(candidate.parts, asRecord(part) ?? {});
    });
  }

  message(): JsonRecord | undefined {
    if (this.#response === undefined) return undefined;
    const candidates = this.#candidates
      .inOrder()
      .map(({ fields, content, parts }) => ({ content: { parts, ...content }, ...fields }));
    return candidates.length > 0 ? { candidates, ...this.#response } : this.#response;
  }
}

/** Neighbouring texts of one kind are one part, up to a signature, which ends its part. */
function addPart(parts: JsonRecord[], part: JsonRecord): void {
  const text = asString(part['text']);
  const last = parts.at(-1);
  const joins =
    text !== undefined &&
    last !== undefined &&
    asString(last['text']) !== undefined &&
    last['thought'] === part['thought'] &&
    last['thoughtSignature'] === undefined;
  if (joins) parts[parts.length - 1] = { ...last, ...part, text: asString(last['text'])! + text };
  else if (text !== '' || Object.keys(part).length > 1) parts.push(part);
}
