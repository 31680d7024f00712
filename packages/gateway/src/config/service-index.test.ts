import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelService } from './gateway-config.ts';
import { ServiceIndex } from './service-index.ts';
import { declaredRecord } from './service-record.ts';

function service(name: string, ...models: readonly string[]): ModelService {
  return {
    ...declaredRecord(),
    name,
    comment: undefined,
    tags: {},
    destinations: (models.length > 0 ? models : ['x']).map((model, index) => ({
      name: `d${index}`,
      providerService: 'main.default.one',
      model,
      trafficPercentage: 100 / Math.max(1, models.length),
    })),
    fallbacks: [],
    firstTokenTimeoutMs: undefined,
    inferenceTable: undefined,
  };
}

const services = [
  service('main.team.claude-haiku-4-5', 'claude-haiku-4-5'),
  service('system.ai.claude-haiku-4-5', 'claude-haiku-4-5-20251001'),
  service('system.ai.gemini-3-5-flash', 'gemini-3.5-flash'),
  service('system.ai.gpt-5-5', 'gpt-5.5'),
  service('main.team.fast', 'glm-5.2'),
  service('main.team.split', 'kimi-k3', 'kimi-k2.6'),
  service('system.ai.demo-claude-opus-4-8', 'demo-claude-opus-4-8'),
  service('Main.Team.Mixed', 'x'),
];
const index = new ServiceIndex(services);

describe('ServiceIndex', () => {
  test.each([
    ['system.ai.claude-haiku-4-5', 'system.ai.claude-haiku-4-5'],
    ['main.team.claude-haiku-4-5', 'main.team.claude-haiku-4-5'],
    ['main.team.claude-haiku-4.5', 'main.team.claude-haiku-4-5'],
    ['model-services/main.team.fast', 'main.team.fast'],
    ['databricks-claude-haiku-4-5', 'system.ai.claude-haiku-4-5'],
    ['claude-haiku-4-5', 'system.ai.claude-haiku-4-5'],
    ['claude-haiku-4.5', 'system.ai.claude-haiku-4-5'],
    ['claude-haiku-4-5-20251001', 'system.ai.claude-haiku-4-5'],
    ['claude-haiku-4-5[1m]', 'system.ai.claude-haiku-4-5'],
    ['system.ai.claude-haiku-4-5[1m]', 'system.ai.claude-haiku-4-5'],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'system.ai.claude-haiku-4-5'],
    ['models/gemini-3.5-flash', 'system.ai.gemini-3-5-flash'],
    ['models/system.ai.gemini-3-5-flash', 'system.ai.gemini-3-5-flash'],
    ['system.ai.gemini-3.5-flash', 'system.ai.gemini-3-5-flash'],
    ['gpt-5.5', 'system.ai.gpt-5-5'],
    ['databricks-gpt-5-5', 'system.ai.gpt-5-5'],
    ['fast', 'main.team.fast'],
    ['glm-5.2', 'main.team.fast'],
    ['demo-claude-opus-4-8', 'system.ai.demo-claude-opus-4-8'],
    ['claude-opus-4-8', 'system.ai.demo-claude-opus-4-8'],
    ['main.team.mixed', 'Main.Team.Mixed'],
  ])('%s finds %s', (name, found) => {
    expect(index.find(name)?.name).toBe(found);
  });

  test.each([
    ['a name nobody has', 'gpt-4o'],
    ['a full name of another schema', 'main.other.claude-haiku-4-5'],
    ['a model behind a split service', 'kimi-k3'],
    ['nothing', ''],
    ['a prototype key', '__proto__'],
    ['something very long', 'system.ai.'.repeat(100_000)],
  ])('%s finds nothing', (_, name) => {
    expect(index.find(name)).toBeUndefined();
  });

  test('a real service goes before the demo of the same model', () => {
    const both = new ServiceIndex([service('system.ai.demo-gpt-5-5'), service('system.ai.gpt-5-5')]);
    expect(both.find('gpt-5.5')?.name).toBe('system.ai.gpt-5-5');
    expect(both.find('demo-gpt-5.5')?.name).toBe('system.ai.demo-gpt-5-5');
  });

  test('every service is found under its own name, and never throws', () => {
    for (const one of services) expect(index.find(one.name)).toBe(one);
    fc.assert(fc.property(fc.string(), (name) => void index.find(name)));
  });

  test('lists what it was given, in order', () => expect(index.list()).toBe(services));
});
