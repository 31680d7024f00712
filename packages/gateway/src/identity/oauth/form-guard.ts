import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a form was sent from our own page, as far as the browser says. Pages are sent without a referrer, so browsers name the
 * origin of their forms `null`; then `Sec-Fetch-Site` decides, and the token in any case.
 */
export function isOwnForm(headers: IncomingHttpHeaders, origin: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const from = headers.origin;
  return from === undefined || from === 'null' || from === origin;
}

/** Makes and checks the tokens of forms: each is good for one interaction, whose cookie the browser must have too. */
export class FormTokens {
  readonly #keys: () => readonly string[];

  /** @param keys the newest first. */
  constructor(keys: () => readonly string[]) {
    this.#keys = keys;
  }

  /** @param purpose `form`, `sso`. */
  make(purpose: string, uid: string): string {
    return sign(this.#keys()[0] ?? '', purpose, uid);
  }

  check(purpose: string, uid: string, token: string | undefined): boolean {
    const given = Buffer.from(token ?? '');
    return this.#keys().some((key) => {
      const known = Buffer.from(sign(key, purpose, uid));
      return known.length === given.length && timingSafeEqual(known, given);
    });
  }
}

function sign(key: string, purpose: string, uid: string): string {
  return createHmac('sha256', key).update(`${purpose} ${uid}`).digest('base64url');
}
