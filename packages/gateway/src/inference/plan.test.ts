import { describe, expect, it } from 'vitest';
import type { Destination, ModelProviderService, ModelService } from '../config/gateway-config.ts';
import { planDestinations, type RunningProvider } from './plan.ts';
import { declaredRecord } from '../config/service-record.ts';

const running = (name: string, dialects: RunningProvider['provider']['dialects']): [string, RunningProvider] => [
  name,
  {
    service: { name } as ModelProviderService,
    provider: { dialects } as RunningProvider['provider'],
    options: {},
    embedded: false,
  },
];
const providers = new Map([
  running('main.default.chat', { 'openai-chat': ['generate', 'embeddings'] }),
  running('main.default.claude', { 'anthropic-messages': ['generate', 'count-tokens'] }),
]);
const destination = (name: string, providerService: string, trafficPercentage: number): Destination => ({
  name,
  providerService,
  model: `m-${name}`,
  trafficPercentage,
});
const service = (
  destinations: Destination[],
  fallbacks: Destination[] = [],
): { kind: 'model-service'; service: ModelService } => ({
  kind: 'model-service',
  service: {
    ...declaredRecord(),
    name: 'main.team.fast',
    comment: undefined,
    tags: {},
    destinations,
    fallbacks,
    firstTokenTimeoutMs: undefined,
    inferenceTable: undefined,
  },
});
const names = (plan: readonly { name: string }[]): string[] => plan.map((entry) => entry.name);

describe('planDestinations', () => {
  const split = service(
    [destination('a', 'main.default.chat', 30), destination('b', 'main.default.chat', 70)],
    [destination('f', 'main.default.chat', 0)],
  );

  it.each([
    [0, ['a', 'f']],
    [0.299, ['a', 'f']],
    [0.3, ['b', 'f']],
    [0.999, ['b', 'f']],
  ])('draws the primary by traffic percentage: %s', (random, expected) =>
    expect(names(planDestinations(split, providers, 'openai-chat', 'generate', random))).toEqual(expected),
  );

  it('never draws a destination with 0 percent beside others', () => {
    const plan = service([destination('a', 'main.default.chat', 0), destination('b', 'main.default.chat', 100)]);
    expect(names(planDestinations(plan, providers, 'openai-chat', 'generate', 0))).toEqual(['b']);
  });

  it('leaves out destinations that do not speak the dialect, and starts with a fallback if need be', () => {
    const mixed = service([destination('c', 'main.default.claude', 100)], [destination('a', 'main.default.chat', 0)]);
    const plan = planDestinations(mixed, providers, 'openai-chat', 'generate', 0.5);
    expect(names(plan)).toEqual(['a']);
    expect(plan[0]?.isFallback).toBe(false);
  });

  it('says clearly when nobody speaks the dialect or has the operation', () => {
    const claude = service([destination('c', 'main.default.claude', 100)]);
    expect(() => planDestinations(claude, providers, 'gemini', 'generate', 0)).toThrow(
      /main\.team\.fast.*no destination that speaks gemini/,
    );
    expect(() => planDestinations(claude, providers, 'anthropic-messages', 'embeddings', 0)).toThrow(/embeddings/);
  });

  it('sends a directly addressed provider service exactly the model named', () => {
    const direct = {
      kind: 'provider-service' as const,
      service: providers.get('main.default.claude')!.service,
      model: 'claude-x',
    };
    const plan = planDestinations(direct, providers, 'anthropic-messages', 'generate', 0);
    expect(plan).toHaveLength(1);
    expect(plan[0]).toMatchObject({ model: 'claude-x', isFallback: false });
  });
});
