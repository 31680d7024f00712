import { describe, expect, it } from 'vitest';
import { providers } from '../../providers/index.ts';
import { modelProviderServiceRoutes as routes } from './model-provider-services.ts';
import { bodyOf, call, providerService, testingConfig, testingSecret } from './testing-config.ts';

const base = '/api/2.1/unity-catalog/model-provider-services';

describe('model provider services', () => {
  it('shows type, block, targets and no more of the options', async () => {
    expect(await bodyOf(call(routes, `${base}/main.team.chat`))).toEqual({
      name: 'model-provider-services/main.team.chat',
      comment: 'Chat only',
      effective_owner: 'admins',
      create_time: expect.any(String),
      update_time: expect.any(String),
      config: {
        provider_type: 'EXTERNAL_MODEL_PROVIDER_TYPE_OPENAI',
        openai: { direct: {} },
        targets: [{ model: 'gpt-4o', native_api_types: ['openai/v1/chat/completions'] }],
        allow_all_targets: false,
      },
      etag: expect.any(String),
    });
  });

  it('lists with config, by schema', async () => {
    const body = await bodyOf(call(routes, `${base}?page_size=100&parent=schemas/system.ai`));
    expect(body.model_provider_services.map((service: { name: string }) => service.name)).toEqual([
      'model-provider-services/system.ai.anthropic',
      'model-provider-services/system.ai.gemini',
      'model-provider-services/system.ai.openai',
    ]);
    expect(body.model_provider_services[0].config).toMatchObject({
      anthropic: { direct: {} },
      allow_all_targets: true,
    });
    expect(body.next_page_token).toBe('');
  });

  it('never shows a secret, of any provider', async () => {
    const config = testingConfig({
      providerServices: providers.map(({ id }) => providerService(`a.b.${id}`, { provider: id })),
    });
    const body = await bodyOf(call(routes, base, { config }));
    expect(body.model_provider_services).toHaveLength(providers.length);
    expect(JSON.stringify(body)).not.toContain(testingSecret);
  });

  it('does not let the secret into the etag', async () => {
    const etagWith = async (options: unknown) => {
      const config = testingConfig({ providerServices: [providerService('a.b.c', { options })] });
      return (await bodyOf(call(routes, `${base}/a.b.c`, { config }))).etag;
    };
    expect(await etagWith({ api_key: 'one' })).toBe(await etagWith({ api_key: 'two' }));
  });

  it('answers 404 for what does not exist', async () => {
    await expect(call(routes, `${base}/a.b.c`)).rejects.toMatchObject({ status: 404, vendorCode: 'NOT_FOUND' });
    await expect(call(routes, `${base}?parent=schemas/no.such`)).rejects.toMatchObject({ status: 404 });
  });
});
