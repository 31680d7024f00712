import { z } from 'zod';

const encryptionKey = z.string().refine(isKey, {
  error: 'expected 32 random bytes in base64, as `openssl rand -base64 32` makes them',
});

/** The key `encryption`: what seals the secrets that are stored. Every key has a default. */
export const encryptionSchema = z.strictObject({
  key: encryptionKey
    .optional()
    .describe(
      'Key that stored secrets are sealed with: 32 bytes in base64, usually `${env:UCODE_GATEWAY_ENCRYPTION_KEY}`. Default: the file `encryption.key` in the data directory, made at the first start. Gateways on one PostgreSQL need the same key.',
    ),
  previous_keys: z
    .array(encryptionKey)
    .max(10)
    .default([])
    .describe('Keys that still open what they sealed. After `ucode-gateway secrets rotate` they are no longer needed.'),
});

function isKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
}
