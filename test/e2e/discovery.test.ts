import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { ucodeGateway } from './support/command-line.ts';
import { firstModel } from './support/first-model.ts';
import { gatewayYaml } from './support/gateway-config.ts';
import { call } from './support/http-call.ts';
import { scriptedProviders } from './support/scripted-gateway.ts';

const me = '/api/2.0/preview/scim/v2/Me';

describe('discovery', () => {
  let gateway: Gateway;
  const get = (at: string, token = gateway.token): ReturnType<typeof call> => call(gateway.url + at, { token });
  beforeAll(async () => {
    gateway = await startGateway({
      config: gatewayYaml({
        users: [
          { name: 'admin@example.com', groups: ['admins'] },
          { name: 'dev@example.com', groups: [] },
        ],
        providers: scriptedProviders('http://127.0.0.1:9'),
        services: Array.from({ length: 5 }, (_, n) => ({
          name: `model-${n}`,
          destinations: [{ provider: 'openai', model: `m-${n}` }],
        })),
      }),
    });
  });
  afterAll(() => gateway?.stop());

  it('Me tells who the token speaks for', async () => {
    const dev = (
      await ucodeGateway([
        'token',
        'create',
        '--user',
        'dev@example.com',
        '--data',
        gateway.data,
        '--config',
        path.join(gateway.data, '..', 'gateway.yaml'),
      ])
    ).stdout.trim();
    const admin = (await get(me)).json();
    expect(admin.groups.map((group: { display: string }) => group.display)).toContain('admins');
    const other = (await get(me, dev)).json();
    expect(other).toMatchObject({ userName: 'dev@example.com', active: true });
    expect((other.groups ?? []).map((group: { display: string }) => group.display)).not.toContain('admins');
  });

  it('both probes are JSON objects with 2xx, and 401 without a token', async () => {
    for (const at of [
      '/api/2.1/unity-catalog/model-services?page_size=1',
      '/api/ai-gateway/v2/endpoints?page_size=1',
    ]) {
      expect((await get(at)).status).toBe(200);
      const refused = await call(gateway.url + at);
      expect(refused.status).toBe(401);
      expect(refused.text.startsWith('{"error_code":')).toBe(true);
    }
  });

  it('pages through the model services', async () => {
    const names: string[] = [];
    let token = '';
    do {
      const page = (
        await get(
          `/api/2.1/unity-catalog/model-services?parent=schemas/main.test&page_size=2&page_token=${encodeURIComponent(token)}`,
        )
      ).json();
      expect(page.model_services.length).toBeLessThanOrEqual(2);
      names.push(...page.model_services.map((service: { name: string }) => service.name));
      token = page.next_page_token ?? '';
    } while (token !== '');
    expect(names).toEqual([0, 1, 2, 3, 4].map((n) => `model-services/main.test.model-${n}`));
    expect((await get('/api/2.1/unity-catalog/model-services?parent=schemas/no.schema')).status).toBe(404);
    expect((await get('/api/2.1/unity-catalog/model-services/main.test.model-3')).json().name).toBe(
      'model-services/main.test.model-3',
    );
    expect((await get('/api/2.1/unity-catalog/model-services?page_size=-1')).status).toBe(400);
    expect((await get('/api/2.1/unity-catalog/model-services?page_token=nonsense')).status).toBe(400);
  });

  it('shows provider services without their secrets', async () => {
    const list = await get('/api/2.1/unity-catalog/model-provider-services?page_size=100&parent=schemas/main.test');
    expect(list.json().model_provider_services.map((service: { name: string }) => service.name)).toEqual(
      ['anthropic', 'gemini', 'openai'].map((name) => `model-provider-services/main.test.${name}`),
    );
    const one = await get('/api/2.1/unity-catalog/model-provider-services/main.test.openai');
    expect(one.json().config.provider_type).toMatch(/^EXTERNAL_MODEL_PROVIDER_TYPE_/);
    expect(list.text + one.text).not.toContain('provider-key-of-the-test');
    expect((await get('/api/2.1/unity-catalog/model-provider-services/main.test.absent')).status).toBe(404);
  });

  it('the model lists of each API', async () => {
    expect((await get('/ai-gateway/openai/v1/models')).json()).toMatchObject({
      object: 'list',
      data: expect.any(Array),
    });
    expect((await get('/ai-gateway/mlflow/v1/models')).json()).toMatchObject({ object: 'list' });
    const codex = (await get('/ai-gateway/codex/v1/models?client_version=0.169.0')).json();
    expect(codex).toMatchObject({ object: 'list', data: expect.any(Array), models: [] });
    expect((await get('/ai-gateway/anthropic/v1/models')).json()).toMatchObject({
      data: expect.any(Array),
      has_more: false,
    });
    expect((await get('/ai-gateway/gemini/v1beta/models')).json()).toMatchObject({ models: expect.any(Array) });
    expect((await get('/api/2.0/serving-endpoints:foundation-models')).json()).toMatchObject({
      endpoints: expect.any(Array),
    });
  });

  it('unknown control-plane paths are JSON too', async () => {
    const result = await get('/api/2.0/nothing');
    expect(result.status).toBe(404);
    expect(result.text.startsWith('{"error_code":')).toBe(true);
  });
});

describe('the demo names', () => {
  it('a model is found under its full, bare and databricks- name, with dots or dashes', async () => {
    const gateway = await startGateway();
    try {
      const full = await firstModel(gateway);
      const leaf = full.replace('system.ai.', '');
      for (const name of [full, leaf, `databricks-${leaf}`, leaf.replace(/(\d)-(\d)/, '$1.$2')]) {
        const body = JSON.stringify({ model: name, messages: [{ role: 'user', content: 'hi' }] });
        const result = await call(`${gateway.url}/ai-gateway/mlflow/v1/chat/completions`, {
          token: gateway.token,
          body,
        });
        expect(result.status, `${name}: ${result.text}`).toBe(200);
      }
    } finally {
      await gateway.stop();
    }
  });
});
