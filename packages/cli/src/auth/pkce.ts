import { createHash, randomBytes } from 'node:crypto';

/** A secret of this sign-in, and what may be told of it beforehand (RFC 7636, S256). */
export function newPkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(48).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
