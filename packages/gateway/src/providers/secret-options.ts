import type { z } from 'zod';
import { credentialOption } from './shared-options.ts';

/** Names of a provider's options that are credentials, found by their schema. */
export function secretOptions(provider: { readonly options: z.ZodType }): readonly string[] {
  const shape = (provider.options as Partial<z.ZodObject>).shape ?? {};
  return Object.entries(shape)
    .filter(([, schema]) => inner(schema as z.ZodType) === credentialOption)
    .map(([name]) => name);
}

function inner(schema: z.ZodType): z.ZodType {
  const wrapped = (schema as { def?: { innerType?: z.ZodType } }).def?.innerType;
  return wrapped === undefined ? schema : inner(wrapped);
}
