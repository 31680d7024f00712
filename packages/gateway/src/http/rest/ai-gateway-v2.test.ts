import { describe, expect, it } from 'vitest';
import { findModelFacts } from '../../models/index.ts';
import { aiGatewayV2Routes as routes } from './ai-gateway-v2.ts';
import { bodyOf, call, testingConfig } from './testing-config.ts';

const base = '/api/ai-gateway/v2';

describe('v2 endpoints', () => {
  it('lists under the older names', async () => {
    const body = await bodyOf(call(routes, `${base}/endpoints`));
    expect(body.endpoints.map((endpoint: { name: string }) => endpoint.name)).toEqual([
      'databricks-claude-opus-4-8',
      'databricks-gemini-3-5-flash',
      'databricks-gpt-5-5',
      'main.team.fast',
    ]);
    expect(await bodyOf(call(routes, `${base}/endpoints?page_size=1`))).toMatchObject({
      endpoints: [{ name: 'databricks-claude-opus-4-8' }],
    });
  });

  it('is 200 when empty, as the probe needs', async () => {
    const config = testingConfig({ modelServices: [] });
    expect(await bodyOf(call(routes, `${base}/endpoints?page_size=1`, { config }))).toEqual({
      endpoints: [],
      next_page_token: '',
    });
  });

  it.each(['databricks-gpt-5-5', 'system.ai.gpt-5-5', 'gpt-5-5'])('gets %s', async (name) => {
    expect(await bodyOf(call(routes, `${base}/endpoints/${name}`))).toEqual({
      name: 'databricks-gpt-5-5',
      config: {
        destinations: [{ name: 'primary', type: 'EXTERNAL_FOUNDATION_MODEL', traffic_percentage: 100 }],
        routing_strategy: 'REQUEST_BASED_TRAFFIC_SPLIT',
      },
    });
  });

  it('does not know others', async () => {
    await expect(call(routes, `${base}/endpoints/databricks-fast`)).rejects.toMatchObject({ status: 404 });
  });
});

describe('prices', () => {
  it('stand under the bare and the system.ai spelling, as numbers', async () => {
    const { models, next_page_token: token } = await bodyOf(
      call(routes, `${base}/external-provider-models?page_size=1000`),
    );
    expect(token).toBe('');
    const price = findModelFacts('claude-opus-4-8')?.price;
    expect(price).toBeDefined();
    for (const name of ['claude-opus-4-8', 'system.ai.claude-opus-4-8']) {
      expect(models).toContainEqual({
        model_name: name,
        base_pricing: {
          input_per_million_tokens: Number(price?.input),
          output_per_million_tokens: Number(price?.output),
          cache_read_per_million_tokens: Number(price?.cacheRead),
        },
      });
    }
    const names = models.map((model: { model_name: string }) => model.model_name);
    expect(new Set(names).size).toBe(names.length);
  });
});
