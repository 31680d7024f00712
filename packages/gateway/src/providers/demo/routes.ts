import type { DialectId, Operation } from '../../dialects/dialect.ts';

/** What a path of the demo server is. */
export type DemoRoute =
  | {
      readonly kind: 'call';
      readonly dialect: DialectId;
      readonly operation: Operation;
      /** Gemini only: what its path says. */
      readonly model?: string;
      readonly stream?: boolean;
    }
  | { readonly kind: 'models'; readonly model: string | undefined }
  | { readonly kind: 'requests' };

const ENDINGS: readonly (readonly [ending: string, dialect: DialectId, operation: Operation])[] = [
  ['/chat/completions', 'openai-chat', 'generate'],
  ['/embeddings', 'openai-chat', 'embeddings'],
  ['/responses', 'openai-responses', 'generate'],
  ['/messages/count_tokens', 'anthropic-messages', 'count-tokens'],
  ['/messages', 'anthropic-messages', 'generate'],
];

/**
 * The route of a path. Paths are told by their end, so that the demo can stand in for vendors that put
 * something before `/v1`.
 */
export function routeOf(pathname: string): DemoRoute | undefined {
  if (pathname === '/__demo/requests') return { kind: 'requests' };
  const gemini = /\/models\/([^/]+):(generateContent|streamGenerateContent|countTokens)$/.exec(pathname);
  if (gemini !== null) {
    const [, model = '', verb] = gemini;
    const operation = verb === 'countTokens' ? 'count-tokens' : 'generate';
    return {
      kind: 'call',
      dialect: 'gemini',
      operation,
      model: decoded(model),
      stream: verb === 'streamGenerateContent',
    };
  }
  const found = ENDINGS.find(([ending]) => pathname.endsWith(ending));
  if (found !== undefined) return { kind: 'call', dialect: found[1], operation: found[2] };
  const models = /\/models(?:\/([^/]+))?$/.exec(pathname);
  return models === null ? undefined : { kind: 'models', model: models[1] && decoded(models[1]) };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
