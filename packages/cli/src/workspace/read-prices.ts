import { asObject, asText } from '../lib/json-object.ts';
import { WorkspaceError, type WorkspaceClient } from './client.ts';

/** US dollars per million tokens. */
interface Price {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

/** Pages that are read at most: 20,000 models. */
const MAX_PAGES = 20;
/** What clouds and regions put before a model's name, and versions after it (workspace-contract 7.5). */
const PREFIX = /^(?:system\.ai\.|(?:eu|us|global|apac)[./]|(?:au|anthropic)\.|databricks-)/;
const SUFFIX = /@.*$|-v\d+(?::\d+)?$|-20\d{6}$/;

/** The prices that a workspace lists, by model; none where it does not tell them. */
export async function readPrices(client: WorkspaceClient): Promise<ReadonlyMap<string, Price>> {
  const prices = new Map<string, Price>();
  let token: string | undefined;
  try {
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await client.json('/api/ai-gateway/v2/external-provider-models', {
        query: { page_size: '1000', page_token: token },
      });
      for (const entry of Array.isArray(answer['models']) ? answer['models'] : []) {
        const name = asText(asObject(entry)?.['model_name']);
        const price = priceFrom(asObject(asObject(entry)?.['base_pricing']));
        if (name !== undefined && price !== undefined) prices.set(keyOf(name), price);
      }
      token = asText(answer['next_page_token']);
      if (token === undefined) break;
    }
  } catch (error) {
    if (!(error instanceof WorkspaceError) || error.kind === 'unauthenticated') throw error;
  }
  return prices;
}

/** What tokens of a model cost by list prices: US dollars as decimal text, `null` where the model has none. */
export function priceOf(
  { model, input, cached, output }: Readonly<{ model: string; input: number; cached: number; output: number }>,
  prices: ReadonlyMap<string, Price>,
): string | null {
  const price = prices.get(keyOf(model));
  if (price === undefined) return null;
  const fresh = Math.max(0, input - cached);
  return ((fresh * price.input + cached * price.cached + output * price.output) / 1e6).toFixed(12);
}

function priceFrom(pricing: Readonly<Record<string, unknown>> | undefined): Price | undefined {
  const [input, output, cached] = ['input', 'output', 'cache_read'].map((name) => {
    const value = pricing?.[`${name}_per_million_tokens`];
    return value === undefined || value === null || value === '' ? NaN : Number(value);
  }) as [number, number, number];
  if (!(input >= 0 && output >= 0)) return undefined;
  return { input, output, cached: cached >= 0 ? cached : input };
}

/** The name that a model has everywhere. */
function keyOf(name: string): string {
  let bare = name.toLowerCase();
  for (let before = ''; bare !== before;) {
    before = bare;
    bare = bare.replace(PREFIX, '').replace(SUFFIX, '');
  }
  return bare.replaceAll(/[^a-z0-9]/g, '');
}
