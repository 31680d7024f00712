/** Prices in US dollars per million tokens, as exact decimal strings. */
export interface Price {
  readonly input: string;
  readonly output: string;
  readonly cacheRead?: string;
  readonly cacheWrite5m?: string;
  readonly cacheWrite1h?: string;
  /** Of reasoning tokens, where they are priced apart. Without it they cost as much as other output. */
  readonly reasoning?: string;
  /** Applies when the input (all of it) is above `aboveInputTokens`; replaces the fields it has. */
  readonly tiers?: readonly (Omit<Price, 'tiers'> & { readonly aboveInputTokens: number })[];
}

/** What is known of a model. Unknown is absent. */
export interface ModelFacts {
  /** Canonical id, dashes only: `claude-opus-4-8`. */
  readonly id: string;
  readonly displayName: string;
  readonly family: string;
  /** Spellings that mean the same model beyond dots for dashes (dated ids, previews). */
  readonly aliases: readonly string[];
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  readonly capabilities: readonly ('tools' | 'vision' | 'reasoning' | 'embeddings' | 'web-search')[];
  readonly price?: Price;
  /** Where the facts are from, and the day they were read. */
  readonly source: string;
  readonly asOf: string;
}
