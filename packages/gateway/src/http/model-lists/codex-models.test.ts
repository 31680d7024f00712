import { expect, it } from 'vitest';
import { bodyOf, call, modelService, providerService, testingConfig } from '../rest/testing-config.ts';
import { codexModelRoutes as routes } from './codex-models.ts';

const path = '/ai-gateway/codex/v1/models?client_version=0.169.0';

it('is quiet for Codex and an OpenAI list for others', async () => {
  const body = await bodyOf(call(routes, path));
  expect(body).toMatchObject({ object: 'list', models: [], data: [{ id: 'system.ai.gpt-5-5', object: 'model' }] });
  expect(body.data).toHaveLength(1);
});

it('leaves out embedding models, which have no responses', async () => {
  const config = testingConfig({
    modelServices: [modelService('system.ai.text-embedding-3-small', 'system.ai.openai', 'text-embedding-3-small')],
  });
  expect((await bodyOf(call(routes, path, { config }))).data).toEqual([]);
});

it.each([
  [true, ['main.team.local']],
  [false, []],
])('asks the options whether a server has responses (%s)', async (responses, expected) => {
  const config = testingConfig({
    providerServices: [providerService('main.team.box', { provider: 'openai-compatible', options: { responses } })],
    modelServices: [modelService('main.team.local', 'main.team.box', 'qwen')],
  });
  const { data } = await bodyOf(call(routes, path, { config }));
  expect(data.map((model: { id: string }) => model.id)).toEqual(expected);
});

it('answers 304 to whoever has it, and 200 after a change', async () => {
  const { headers } = await call(routes, path);
  const etag = headers?.['etag'] ?? '';
  expect(etag).toMatch(/^"[\w-]+"$/);
  const request = { headers: { 'if-none-match': `"other", W/${etag}` } };
  expect(await call(routes, path, { request })).toEqual({ status: 304, headers: { etag }, body: undefined });
  const config = testingConfig({ modelServices: [] });
  expect(await call(routes, path, { request, config })).toMatchObject({ status: 200 });
});
