import { describe, expect, it } from 'vitest';
import { bodyOf, call, modelService, testingConfig } from '../rest/testing-config.ts';
import { geminiModelRoutes as routes } from './gemini-models.ts';

const path = '/ai-gateway/gemini/v1beta/models';

describe('gemini models', () => {
  it('lists in Google shape', async () => {
    expect(await bodyOf(call(routes, path))).toEqual({
      models: [
        {
          name: 'models/system.ai.gemini-3-5-flash',
          displayName: expect.stringMatching(/gemini/i),
          inputTokenLimit: expect.any(Number),
          outputTokenLimit: expect.any(Number),
          supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
        },
      ],
    });
  });

  it('pages', async () => {
    const config = testingConfig({
      modelServices: ['a', 'b', 'c'].map((leaf) =>
        modelService(`m.t.${leaf}`, 'system.ai.gemini', 'unheard-of', { comment: 'Ours' }),
      ),
    });
    const first = await bodyOf(call(routes, `${path}?pageSize=2`, { config }));
    expect(first.models[0]).toMatchObject({ name: 'models/m.t.a', displayName: 'm.t.a', description: 'Ours' });
    expect(first.models).toHaveLength(2);
    const second = await bodyOf(call(routes, `${path}?pageSize=2&pageToken=${first.nextPageToken}`, { config }));
    expect(second.models.map((model: { name: string }) => model.name)).toEqual(['models/m.t.c']);
    expect(second).not.toHaveProperty('nextPageToken');
    await expect(call(routes, `${path}?pageToken=x`)).rejects.toMatchObject({ param: 'pageToken' });
  });

  it.each(['system.ai.gemini-3-5-flash', 'databricks-gemini-3-5-flash', 'gemini-3.5-flash'])(
    'gets %s',
    async (name) => {
      expect(await bodyOf(call(routes, `${path}/${name}`))).toMatchObject({
        name: 'models/system.ai.gemini-3-5-flash',
      });
    },
  );

  it('does not have the models of other dialects', async () => {
    await expect(call(routes, `${path}/gpt-5-5`)).rejects.toMatchObject({ status: 404 });
  });
});
