import { createHash } from 'node:crypto';

/** What the demo "thinks" whenever it is asked to think aloud. */
export const DEMO_THINKING = 'The demo model considers the request and decides what to do.';

// 21 bytes, so that its base64 is the same 28 characters whatever follows.
const MARK = 'ucode-demo-signature:';
const MARK_BASE64 = Buffer.from(MARK).toString('base64');

/** The signature of a thinking text: carries a hash and the text itself, so any change shows. */
export function sign(thinking: string): string {
  const hash = createHash('sha256').update(thinking).digest('hex');
  return Buffer.from(`${MARK}${hash}:${thinking}`).toString('base64');
}

/**
 * Whether a signature that came back is as the demo gave it. Signatures of others are none of the demo's
 * business and pass, unless they stand on the demo's own text.
 * @param thinking the text beside the signature, where the dialect has it.
 */
export function isIntact(signature: unknown, thinking?: string): boolean {
  const claimsOurs = typeof signature === 'string' && signature.startsWith(MARK_BASE64);
  if (!claimsOurs) return thinking !== DEMO_THINKING;
  const decoded = Buffer.from(signature, 'base64').toString('utf8');
  const text = decoded.slice(MARK.length + 65);
  return signature === sign(text) && (thinking === undefined || thinking === text);
}
