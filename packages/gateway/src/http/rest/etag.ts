import { createHash } from 'node:crypto';
import type { RestAnswer, RestRequest } from '../rest-route.ts';

/** A short fingerprint of a JSON value: the same content gives the same text, over restarts too. */
export function contentEtag(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

/** Answers 200 with an `etag` header, or 304 without a body when the caller has this content already. */
export function answerWithEtag(request: RestRequest, body: unknown): RestAnswer {
  const etag = `"${contentEtag(body)}"`;
  const held = request.headers['if-none-match'];
  const tags = (Array.isArray(held) ? held.join(',') : (held ?? ''))
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags.includes(etag) || tags.includes('*')) return { status: 304, headers: { etag }, body: undefined };
  return { status: 200, headers: { etag }, body };
}
