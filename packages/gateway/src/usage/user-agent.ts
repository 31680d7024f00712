import type { Product } from './agents/coding-agent.ts';

/** Longest User-Agent that is read; a longer one is cut. */
const MAX_LENGTH = 512;

/**
 * The products of a User-Agent, in order: `name/version`, and the comment that follows. What follows a
 * second slash (`GeminiCLI/0.61.0/model`) is not part of the version. Never throws.
 */
export function parseUserAgent(userAgent: string): Product[] {
  const products: Product[] = [];
  const pattern = /([\w.-]+)\/([^\s/()]+)[^\s()]*(?:\s*\(([^()]*)\))?|\([^()]*\)/g;
  for (const [, name, version, comment] of userAgent.slice(0, MAX_LENGTH).matchAll(pattern)) {
    if (name === undefined || version === undefined) continue;
    products.push({ name: name.toLowerCase(), version, comment: splitComment(comment) });
  }
  return products;
}

function splitComment(comment: string | undefined): string[] {
  return (comment ?? '')
    .split(/[;,]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
