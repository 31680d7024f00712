import { describe, expect, it } from 'vitest';
import { modelServiceRoutes as routes } from './model-services.ts';
import { bodyOf, call, modelService, testingConfig } from './testing-config.ts';

const base = '/api/2.1/unity-catalog/model-services';
const names = (body: { model_services: { name: string }[] }) => body.model_services.map((service) => service.name);

describe('list of model services', () => {
  it('answers the probe without a parent', async () => {
    const body = await bodyOf(call(routes, `${base}?page_size=1`));
    expect(names(body)).toEqual(['model-services/main.team.fast']);
    expect(body.next_page_token).not.toBe('');
  });

  it('shows a schema, sorted, without config', async () => {
    const body = await bodyOf(call(routes, `${base}?parent=schemas/system.ai&page_size=100`));
    expect(names(body)).toEqual([
      'model-services/system.ai.claude-opus-4-8',
      'model-services/system.ai.gemini-3-5-flash',
      'model-services/system.ai.gpt-5-5',
    ]);
    expect(body.next_page_token).toBe('');
    expect(body.model_services[0]).not.toHaveProperty('config');
    expect(body.model_services[0].supported_api_types).toEqual([
      'anthropic/v1/messages',
      'anthropic/v1/messages/count_tokens',
    ]);
  });

  it('walks its pages, 100 at most', async () => {
    const config = testingConfig({
      modelServices: Array.from({ length: 150 }, (_, at) => modelService(`a.b.m${at}`, 'system.ai.openai', 'gpt-5.5')),
    });
    const first = await bodyOf(call(routes, `${base}?parent=schemas/a.b&page_size=1000`, { config }));
    expect(first.model_services).toHaveLength(100);
    const second = await bodyOf(
      call(routes, `${base}?parent=schemas/a.b&page_token=${first.next_page_token}`, { config }),
    );
    expect(new Set([...names(first), ...names(second)]).size).toBe(150);
    await expect(call(routes, `${base}?page_token=${first.next_page_token}`, { config })).rejects.toMatchObject({
      code: 'caller_invalid_parameter',
    });
  });

  it.each([
    ['parent=schemas/no.such', 404, 'NOT_FOUND'],
    ['parent=system.ai', 400, 'INVALID_PARAMETER_VALUE'],
    ['parent=schemas/a.b.c', 400, 'INVALID_PARAMETER_VALUE'],
    ['view=EVERYTHING', 400, 'INVALID_PARAMETER_VALUE'],
    ['page_size=-1', 400, 'INVALID_PARAMETER_VALUE'],
  ])('refuses %s', async (query, status, vendorCode) => {
    await expect(call(routes, `${base}?${query}`)).rejects.toMatchObject({ status, vendorCode });
  });

  it('knows system.ai even when it is empty', async () => {
    const config = testingConfig({ modelServices: [], providerServices: [] });
    expect(await bodyOf(call(routes, `${base}?parent=schemas/system.ai`, { config }))).toEqual({
      model_services: [],
      next_page_token: '',
    });
  });
});

describe('one model service', () => {
  it('has the vendor shape', async () => {
    const body = await bodyOf(call(routes, `${base}/main.team.fast`));
    const target = { model: 'gpt-4o', native_api_types: ['openai/v1/chat/completions'] };
    const chat = { model_provider_service: 'model-provider-services/main.team.chat', target };
    expect(body).toEqual({
      name: 'model-services/main.team.fast',
      effective_owner: 'admins',
      create_time: expect.stringMatching(/Z$/),
      update_time: expect.stringMatching(/Z$/),
      supported_api_types: expect.arrayContaining(['mlflow/v1/chat/completions', 'anthropic/v1/messages']),
      config: {
        routing: {
          destinations: [
            {
              name: 'chat',
              destination_type: 'DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL',
              traffic_percentage: 60,
              external_model_config: chat,
            },
            {
              name: 'claude',
              destination_type: 'DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL',
              traffic_percentage: 40,
              external_model_config: {
                model_provider_service: 'model-provider-services/system.ai.anthropic',
                target: { model: 'claude-opus-4-8', native_api_types: [] },
              },
            },
          ],
          fallback: {
            destinations: [
              {
                name: 'spare',
                destination_type: 'DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL',
                external_model_config: chat,
              },
            ],
          },
          traffic_splitting: {},
          first_token_timeout: '2.5s',
        },
      },
      model: { context_window: 128_000, max_output_tokens: 16_384 },
      etag: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(body.supported_api_types).not.toContain('openai/v1/responses');
  });

  it('has the same etag in every view, and another after a change', async () => {
    const one = await bodyOf(call(routes, `${base}/main.team.fast`));
    const list = await bodyOf(call(routes, base));
    expect(list.model_services[0].etag).toBe(one.etag);
    const config = testingConfig({ modelServices: [modelService('main.team.fast', 'system.ai.openai', 'gpt-5.5')] });
    expect((await bodyOf(call(routes, `${base}/main.team.fast`, { config }))).etag).not.toBe(one.etag);
  });

  it.each(['main.team.none', 'fast', '__proto__', 'databricks-claude-opus-4-8'])('does not know %s', async (name) => {
    await expect(call(routes, `${base}/${name}`)).rejects.toMatchObject({ status: 404, vendorCode: 'NOT_FOUND' });
  });
});

describe('the inference table of a service', () => {
  const service = {
    ...modelService('main.team.kept', 'system.ai.openai', 'gpt-5.5'),
    inferenceTable: {
      table: ['main', 'default', 'kept_payload'] as const,
      disabled: false,
      samplingFraction: 1,
      redact: [],
    },
  };
  const config = testingConfig({ modelServices: [service] });

  it.each([
    [{}, false],
    [undefined, true],
  ])('is shown, with whether it was dropped', async (found, isDeleted) => {
    const context = { catalog: { find: () => found } as never };
    const body = await bodyOf(call(routes, `${base}/main.team.kept`, { config, context }));
    expect(body.config.inference_table).toEqual({
      parent: 'schemas/main.default',
      table_name_prefix: 'kept',
      disabled: false,
      table: 'tables/main.default.kept_payload',
      is_deleted: isDeleted,
    });
  });
});
