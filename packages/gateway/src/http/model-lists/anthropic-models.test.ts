import { describe, expect, it } from 'vitest';
import { bodyOf, call, modelService, testingConfig } from '../rest/testing-config.ts';
import { anthropicModelRoutes as routes } from './anthropic-models.ts';

const path = '/ai-gateway/anthropic/v1/models';
const ids = (body: { data: { id: string }[] }) => body.data.map((model) => model.id);

describe('anthropic models', () => {
  it('shows a hosted Claude once to each client, and other services by full name', async () => {
    const body = await bodyOf(call(routes, `${path}?limit=1000`));
    expect(ids(body)).toEqual(['main.team.fast', 'claude-opus-4-8', 'databricks-claude-opus-4-8']);
    expect(body).toMatchObject({ has_more: false, first_id: 'main.team.fast', last_id: 'databricks-claude-opus-4-8' });
    expect(ids(body).filter((id) => /^(claude|anthropic)/.test(id))).toHaveLength(1);
    expect(ids(body).filter((id) => id.includes('databricks-claude-opus-'))).toHaveLength(1);
  });

  it('has Anthropic fields', async () => {
    expect((await bodyOf(call(routes, path))).data[1]).toMatchObject({
      type: 'model',
      id: 'claude-opus-4-8',
      display_name: expect.stringMatching(/opus/i),
      created_at: expect.stringMatching(/Z$/),
      max_input_tokens: expect.any(Number),
      capabilities: null,
    });
  });

  it('pages both ways', async () => {
    const modelServices = ['a', 'b', 'c', 'd', 'e'].map((leaf) =>
      modelService(`main.team.${leaf}`, 'system.ai.anthropic', 'claude-opus-4-8'),
    );
    const config = testingConfig({ modelServices });
    const page = (query: string) => bodyOf(call(routes, `${path}?${query}`, { config }));
    expect(await page('limit=2')).toMatchObject({ has_more: true, first_id: 'main.team.a', last_id: 'main.team.b' });
    expect(await page('limit=2&after_id=main.team.b')).toMatchObject({
      has_more: true,
      first_id: 'main.team.c',
      last_id: 'main.team.d',
    });
    expect(await page('limit=2&after_id=main.team.d')).toMatchObject({
      has_more: false,
      first_id: 'main.team.e',
      last_id: 'main.team.e',
    });
    expect(await page('after_id=main.team.e')).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
    expect(await page('limit=2&before_id=main.team.d')).toMatchObject({
      has_more: true,
      first_id: 'main.team.b',
      last_id: 'main.team.c',
    });
    expect(await page('limit=2&before_id=main.team.b')).toMatchObject({
      has_more: false,
      first_id: 'main.team.a',
      last_id: 'main.team.a',
    });
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'after_id=none',
    'before_id=none',
    'after_id=main.team.fast&before_id=main.team.fast',
  ])('refuses %s', async (query) => {
    await expect(call(routes, `${path}?${query}`)).rejects.toMatchObject({ status: 400 });
  });

  it.each([
    'claude-opus-4-8',
    'databricks-claude-opus-4-8',
    'system.ai.claude-opus-4-8',
    'claude-opus-4.8',
    'main.team.fast',
  ])('gets %s under that id', async (id) => {
    expect(await bodyOf(call(routes, `${path}/${id}`))).toMatchObject({ type: 'model', id });
  });

  it.each(['gpt-5-5', 'system.ai.gemini-3-5-flash', 'nothing'])('does not have %s', async (id) => {
    await expect(call(routes, `${path}/${id}`)).rejects.toMatchObject({ status: 404 });
  });
});
