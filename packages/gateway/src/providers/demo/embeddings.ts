import { createHash } from 'node:crypto';
import { list } from './json-view.ts';
import { estimateTokens } from './usage.ts';

const DEFAULT_DIMENSIONS = 8;
const MOST_DIMENSIONS = 4096;

/** The answer to an embeddings request: one unit vector per input, made from its hash alone. */
export function embeddingsAnswer(body: Readonly<Record<string, unknown>>): object {
  const inputs = embeddingInputs(body.input);
  const dimensions = Math.min(Math.max(1, Math.trunc(Number(body.dimensions) || DEFAULT_DIMENSIONS)), MOST_DIMENSIONS);
  const tokens = inputs.reduce((sum, input) => sum + estimateTokens(input.length), 0);
  const data = inputs.map((input, index) => {
    const vector = embed(input, dimensions);
    return { object: 'embedding', index, embedding: body.encoding_format === 'base64' ? base64(vector) : vector };
  });
  return { object: 'list', data, model: body.model ?? '', usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

// A text, texts, tokens, or lists of tokens.
function embeddingInputs(input: unknown): string[] {
  const entries = list(input);
  if (entries.length === 0 || typeof entries[0] === 'number') return [asText(input)];
  return entries.map(asText);
}

function asText(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? '');
}

function embed(input: string, dimensions: number): number[] {
  const bytes: number[] = [];
  for (let block = 0; bytes.length < dimensions; block += 1) {
    bytes.push(...createHash('sha256').update(`${block}/${input}`).digest());
  }
  const raw = bytes.slice(0, dimensions).map((byte) => byte - 127.5);
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}

function base64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
