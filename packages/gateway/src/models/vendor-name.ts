import type { ModelFacts } from './model-facts.ts';

/** Families whose vendors write versions with a dot. */
const DOTTED: ReadonlySet<string> = new Set(['gpt', 'gemini']);

/** A model's name as its vendor spells it: `gpt-5.6-sol`, `gemini-3.5-flash`, `claude-opus-4-8`. */
export function vendorName({ id, family }: Pick<ModelFacts, 'id' | 'family'>): string {
  return DOTTED.has(family.split('-')[0] ?? '') ? id.replace(/-(\d+)-(\d+)(?=-|$)/, '-$1.$2') : id;
}
