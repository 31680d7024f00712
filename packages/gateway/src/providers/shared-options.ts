import { z } from 'zod';

// A credential becomes a header value: visible ASCII only, so that no value can split a header.
const CREDENTIAL = /^[\x21-\x7e]+$/;
const credentialText = z
  .string()
  .transform((text) => text.trim())
  .refine((text) => CREDENTIAL.test(text), { error: 'must be one line of visible ASCII characters, and not empty' });

/** A credential: a string, or `{plaintext: string}` as the REST API writes it. Gives the plain string. */
export const credentialOption = z.union([
  credentialText,
  z.strictObject({ plaintext: credentialText }).transform((secret) => secret.plaintext),
]);

/** An absolute http or https address without user, query and fragment. Gives it without trailing slashes. */
export const baseUrlOption = z
  .string()
  .refine(isBaseUrl, { error: 'must be an http or https address without user name, query and fragment' })
  .transform((text) => text.trim().replace(/\/+$/, ''));

function isBaseUrl(text: string): boolean {
  const trimmed = text.trim();
  if (/[?#]/.test(trimmed) || !URL.canParse(trimmed)) return false;
  const url = new URL(trimmed);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
}
