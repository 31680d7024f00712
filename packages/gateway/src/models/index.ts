import { canonicalModelName } from './canonical-name.ts';
import claude from './data/claude.json' with { type: 'json' };
import gemini from './data/gemini.json' with { type: 'json' };
import gpt from './data/gpt.json' with { type: 'json' };
import openWeights from './data/open-weights.json' with { type: 'json' };
import type { ModelFacts } from './model-facts.ts';

export type { ModelFacts, Price } from './model-facts.ts';

/** Everything known of models, one data file per family. A new family is a file and a line here. */
export const modelFacts: readonly ModelFacts[] = [...claude, ...gpt, ...gemini, ...openWeights] as ModelFacts[];

const byName = new Map<string, ModelFacts>();
for (const facts of modelFacts) for (const alias of facts.aliases) byName.set(canonicalModelName(alias), facts);
for (const facts of modelFacts) byName.set(canonicalModelName(facts.id), facts);

/**
 * Facts of the model that `name` means, in any spelling `canonicalModelName` knows, or of the leaf of a
 * three-level service name (`main.team.claude-opus-4-8`). `undefined` for a model we know nothing of.
 */
export function findModelFacts(name: string): ModelFacts | undefined {
  const found = byName.get(canonicalModelName(name));
  if (found) return found;
  const leaf = /^[^./]+\.[^./]+\.([^/]+)$/.exec(name.trim())?.[1];
  return leaf === undefined ? undefined : byName.get(canonicalModelName(leaf));
}
