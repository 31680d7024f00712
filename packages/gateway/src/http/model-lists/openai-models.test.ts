import { describe, expect, it } from 'vitest';
import { bodyOf, call, modelService, testingConfig } from '../rest/testing-config.ts';
import { openaiModelRoutes as routes } from './openai-models.ts';

const ids = (body: { data: { id: string }[] }) => body.data.map((model) => model.id);

describe.each(['openai', 'mlflow'])('%s models', (family) => {
  const path = `/ai-gateway/${family}/v1/models`;

  it('lists what speaks chat or responses, by full name', async () => {
    const body = await bodyOf(call(routes, path));
    expect(body.object).toBe('list');
    expect(ids(body)).toEqual(['main.team.fast', 'system.ai.gpt-5-5']);
    expect(body.data[1]).toMatchObject({ object: 'model', created: 0, owned_by: 'system.ai' });
  });

  it('has embedding models too', async () => {
    const config = testingConfig({
      modelServices: [modelService('system.ai.text-embedding-3-small', 'system.ai.openai', 'text-embedding-3-small')],
    });
    expect(ids(await bodyOf(call(routes, path, { config })))).toEqual(['system.ai.text-embedding-3-small']);
  });

  it.each(['system.ai.gpt-5-5', 'databricks-gpt-5-5', 'gpt-5.5'])('gets %s', async (name) => {
    expect(await bodyOf(call(routes, `${path}/${name}`))).toMatchObject({ id: 'system.ai.gpt-5-5', object: 'model' });
  });

  it('calls only the real one by the name of the model', async () => {
    const modelServices = ['system.ai.gpt-5-5', 'system.ai.demo-gpt-5-5', 'main.team.gpt-5-5'].map((name) =>
      modelService(name, 'system.ai.openai', 'gpt-5.5'),
    );
    const body = await bodyOf(call(routes, path, { config: testingConfig({ modelServices }) }));
    expect(body.data.map((model: { display_name: string }) => model.display_name)).toEqual([
      'main.team.gpt-5-5',
      'system.ai.demo-gpt-5-5',
      expect.not.stringContaining('system.ai'),
    ]);
  });

  it('does not have the models of other dialects', async () => {
    await expect(call(routes, `${path}/system.ai.claude-opus-4-8`)).rejects.toMatchObject({
      status: 404,
      code: 'caller_model_not_found',
    });
  });
});
