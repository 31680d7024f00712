import type { z } from 'zod';
import type { encryptionSchema } from './encryption-schema.ts';

/** What stored secrets are sealed with. In plain: never serialise this. */
export interface EncryptionConfig {
  /** 32 bytes in base64; `undefined`: the key file in the data directory. */
  readonly key: string | undefined;
  readonly previousKeys: readonly string[];
}

/** The section `encryption`. */
export function readEncryption(file: z.output<typeof encryptionSchema>): EncryptionConfig {
  return { key: file.key, previousKeys: file.previous_keys };
}
