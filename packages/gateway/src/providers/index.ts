import { anthropicCompatible } from './anthropic-compatible/index.ts';
import { anthropicRelayed } from './anthropic-relayed/index.ts';
import { anthropic } from './anthropic/index.ts';
import { azureOpenAi } from './azure-openai/index.ts';
import { databricks } from './databricks/index.ts';
import { demo } from './demo/index.ts';
import { gemini } from './gemini/index.ts';
import { openaiCompatible } from './openai-compatible/index.ts';
import { openai } from './openai/index.ts';
import type { Provider, ProviderId } from './provider.ts';

/**
 * Every provider. A new one is a folder and a line here; the shared suites iterate this list. Options are
 * `any` because each provider has its own: they come from the same provider's `options` schema.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export const providers: readonly Provider<any>[] = [
  openai,
  azureOpenAi,
  anthropic,
  anthropicRelayed,
  gemini,
  databricks,
  openaiCompatible,
  anthropicCompatible,
  demo,
];

// Our own spelling beside the vendor's `custom`.
const BLOCK_ALIASES: Readonly<Record<string, string>> = { openai_compatible: 'custom' };

/** The provider of this id. @throws RangeError for an id that is not registered. */
// oxlint-disable-next-line typescript/no-explicit-any
export function providerById(id: ProviderId): Provider<any> {
  const found = providers.find((provider) => provider.id === id);
  if (found === undefined) throw new RangeError(`unknown provider ${id}`);
  return found;
}

/**
 * The provider of a configuration block such as `azure_openai`, in one of its modes.
 * @throws RangeError for an unknown block or mode.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export function providerByBlock(block: string, mode = 'direct'): Provider<any> {
  const found = providersOfBlock(block).find((provider) => modeOf(provider) === mode);
  if (found === undefined) {
    throw new RangeError(`unknown provider block ${block}.${mode}; known: ${providerBlocks.join(', ')}`);
  }
  return found;
}

/** Every provider of a block, one for each mode; none for an unknown block. */
// oxlint-disable-next-line typescript/no-explicit-any
export function providersOfBlock(block: string): readonly Provider<any>[] {
  const name = (Object.hasOwn(BLOCK_ALIASES, block) ? BLOCK_ALIASES[block] : undefined) ?? block;
  return providers.filter((provider) => provider.block === name);
}

/** The blocks there are, each once. */
export const providerBlocks: readonly string[] = [...new Set(providers.map((provider) => provider.block))];

/** Key of a provider's options below its block. */
export function modeOf(provider: { readonly mode?: string | undefined }): string {
  return provider.mode ?? 'direct';
}
