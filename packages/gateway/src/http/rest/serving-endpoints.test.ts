import { expect, it } from 'vitest';
import { servingEndpointRoutes as routes } from './serving-endpoints.ts';
import { bodyOf, call } from './testing-config.ts';

it('shows each hosted model with the api types that clients select by', async () => {
  const { endpoints } = await bodyOf(call(routes, '/api/2.0/serving-endpoints:foundation-models'));
  const apiTypes = new Map<string, string[]>();
  for (const endpoint of endpoints) {
    const [entity] = endpoint.config.served_entities;
    expect(entity.foundation_model.ai_gateway_v2_supported).toBe(true);
    apiTypes.set(endpoint.name, entity.foundation_model.api_types);
  }
  expect([...apiTypes.keys()]).toEqual([
    'databricks-claude-opus-4-8',
    'databricks-gemini-3-5-flash',
    'databricks-gpt-5-5',
  ]);
  expect(apiTypes.get('databricks-gemini-3-5-flash')).toEqual(['gemini/v1/generateContent', 'gemini/v1/countTokens']);
  expect(apiTypes.get('databricks-gpt-5-5')).toContain('openai/v1/responses');
  expect(apiTypes.get('databricks-gpt-5-5')).not.toContain('openai/v1/embeddings');
});
