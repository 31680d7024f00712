import { asArray, asRecord, asString, asText, type JsonRecord } from '../../lib/json-value.ts';
import { JsonStreamDecoder } from '../json-stream-decoder.ts';
import { finishWord, mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

const DIALECT = 'gemini';

/**
 * Gemini chunks to events. Neighbouring parts of one kind are one block. A thought signature on a thought ends with
 * its block; on any other part it is a reasoning block without text: before the call it belongs to, after the text.
 * Calls come whole; those without an id get one from the response id and their number.
 *
 * Usage may follow the finish reason, so `finish` is held until the end of the bytes.
 */
export class GeminiStreamDecoder extends JsonStreamDecoder {
  #responseId: string | undefined;
  #finishReason: string | undefined;
  #isBlocked = false;
  #calls = 0;
  #calledTools = false;

  protected override accept(chunk: JsonRecord): void {
    const error = asRecord(chunk['error']);
    if (error) {
      const message = asText(error['message']) ?? 'The provider reported an error without a message.';
      return this.writer.error(message, asText(error['status']), chunk);
    }
    this.#responseId ??= asText(chunk['responseId']);
    this.writer.messageStart(this.#responseId, asText(chunk['modelVersion']));
    asArray(chunk['candidates']).forEach((value, position) => {
      const candidate = asRecord(value) ?? {};
      const index = typeof candidate['index'] === 'number' ? candidate['index'] : position;
      for (const part of asArray(asRecord(candidate['content'])?.['parts'])) this.#part(index, asRecord(part) ?? {});
      this.#finishReason ??= finishWord(candidate['finishReason']);
    });
    const block = finishWord(asRecord(chunk['promptFeedback'])?.['blockReason']);
    if (block !== undefined) {
      this.#isBlocked = true;
      this.#finishReason ??= block;
    }
    const usage = asRecord(chunk['usageMetadata']);
    if (usage) this.writer.usage(mapUsage(usage));
  }

  protected override acceptEnd(): void {
    if (this.#finishReason === undefined) return;
    const reason = mapFinishReason(this.#finishReason, this.#calledTools);
    this.writer.finish(this.#isBlocked ? { ...reason, unified: 'content-filter' } : reason);
  }

  #part(candidate: number, part: JsonRecord): void {
    const text = asString(part['text']);
    const signature = asText(part['thoughtSignature']);
    if (part['thought'] === true && text !== undefined) {
      this.writer.end(`text:${candidate}`);
      if (text !== '') this.writer.reasoning(`thought:${candidate}`, text);
      if (signature !== undefined) this.#signature(candidate, signature);
      return;
    }
    if (text !== undefined) {
      if (text !== '') {
        this.writer.end(`thought:${candidate}`);
        this.writer.text(`text:${candidate}`, text);
      }
      if (signature !== undefined) this.#signatureAlone(candidate, signature);
      return;
    }
    const call = asRecord(part['functionCall']);
    const code = asRecord(part['executableCode']);
    if (signature !== undefined) this.#signatureAlone(candidate, signature);
    if (call) this.#call(candidate, call['id'], asString(call['name']) ?? '', call['args'], false);
    else if (code) this.#call(candidate, code['id'], 'code_execution', code, true);
  }

  #signature(candidate: number, data: string): void {
    this.writer.opaque(`thought:${candidate}`, { dialect: DIALECT, kind: 'signature', data });
    this.writer.end(`thought:${candidate}`);
  }

  #signatureAlone(candidate: number, data: string): void {
    this.writer.end(`text:${candidate}`);
    this.writer.end(`thought:${candidate}`);
    this.#signature(candidate, data);
  }

  #call(candidate: number, id: unknown, name: string, input: unknown, providerExecuted: boolean): void {
    this.writer.end(`text:${candidate}`);
    this.writer.end(`thought:${candidate}`);
    const number = this.#calls++;
    if (!providerExecuted) this.#calledTools = true;
    const prefix = this.#responseId === undefined ? 'call' : `call_${this.#responseId.replace(/[^\w-]/g, '_')}`;
    const key = `tool:${candidate}:${number}`;
    this.writer.startTool(key, { callId: asText(id) ?? `${prefix}_${number}`, name, providerExecuted });
    this.writer.toolInput(key, JSON.stringify(input ?? {}));
    this.writer.end(key);
  }
}
