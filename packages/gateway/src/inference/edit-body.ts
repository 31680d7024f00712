import type { BodyEdit } from '../dialects/dialect.ts';
import { applyEdits } from '../lib/byte-edits.ts';
import type { RequestContext } from './request-context.ts';

/**
 * The body for a destination: the caller's bytes but for the named edits (design decision 1). The
 * value of `model` becomes the target model; streams get what metering needs.
 */
export function editBody(context: RequestContext, targetModel: string): Buffer {
  const { body, summary } = context;
  if (!body || !summary) return Buffer.alloc(0);
  const edits: BodyEdit[] = [];
  if (summary.modelRange && summary.model !== targetModel) {
    edits.push({ name: 'model', range: summary.modelRange, bytes: JSON.stringify(targetModel) });
  }
  if (context.stream) edits.push(...summary.meteringEdits);
  if (edits.length === 0) return body;
  return Buffer.concat(applyEdits(body, edits));
}
