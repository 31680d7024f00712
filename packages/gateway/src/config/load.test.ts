import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { providers } from '../providers/index.ts';
import { findModelFacts } from '../models/index.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { loadConfig } from './load.ts';
import { load, smallFile, testingFile } from './testing-file.ts';
import { declaredRecord } from './service-record.ts';

describe('without a file', () => {
  test('everything has its default', async () => {
    const config = await loadConfig({ env: {} });
    expect(config.server).toEqual({
      host: '127.0.0.1',
      port: 8484,
      publicUrl: undefined,
      trustedProxies: [],
      dataDirectory: defaultDataDirectory({}),
      shutdownGraceMs: 30_000,
      maxBodyBytes: 67_108_864,
      clientTimeoutMs: 30_000,
      firstByteTimeoutMs: 300_000,
      idleTimeoutMs: 300_000,
      keepaliveMs: 15_000,
      maxAttempts: 2,
      maxRetryAfterMs: 5000,
      allowedPrivateNetworks: [],
      spoolMaxBytes: 1_073_741_824,
      logLevel: 'info',
      workspaceId: '1',
    });
    expect(config.users).toEqual([{ name: 'admin', groups: ['admins'], active: true }]);
    expect(config.sources).toEqual([]);
  });

  test('the demo provider serves with its models', async () => {
    const config = await loadConfig({ env: {} });
    expect(config.providerServices.map((service) => service.name)).toEqual(['main.default.demo']);
    const demo = providers.find((provider) => provider.id === 'demo')!;
    expect(config.modelServices.map((service) => service.name)).toEqual(
      demo.defaultModels!.map((model) => `system.ai.${model.service}`),
    );
    for (const service of config.modelServices) {
      expect(service.destinations).toEqual([
        {
          name: expect.any(String),
          providerService: 'main.default.demo',
          model: expect.any(String),
          trafficPercentage: 100,
        },
      ]);
    }
  });

  test.each(
    providers.filter((provider) => provider.environmentKey).map((provider) => [provider.id, provider] as const),
  )('%s registers by its environment variable', async (id, provider) => {
    const config = await loadConfig({ env: { [provider.environmentKey!]: 'sk-from-environment' } });
    expect(config.providerServices.map((service) => [service.name, service.provider])).toEqual([
      [`main.default.${id}`, id],
    ]);
    expect(config.providerServices[0]?.allowAllTargets).toBe(true);
    expect(config.modelServices.map((service) => service.name)).toEqual(
      provider.defaultModels!.map((model) => `system.ai.${model.service}`),
    );
    expect(config.sources).toEqual([provider.environmentKey]);
  });

  test('every default model has facts and a price', () => {
    for (const { service, model } of providers.flatMap((provider) => provider.defaultModels ?? [])) {
      expect(findModelFacts(model)?.price, model).toBeDefined();
      expect(findModelFacts(service)?.price, service).toBeDefined();
    }
  });

  test('several variables register side by side, empty ones do not', async () => {
    const config = await loadConfig({ env: { OPENAI_API_KEY: 'sk-a', ANTHROPIC_API_KEY: 'sk-b', GEMINI_API_KEY: '' } });
    expect(config.providerServices.map((service) => service.provider)).toEqual(['openai', 'anthropic']);
  });

  test('a variable that cannot be used is named without its value', async () => {
    const loading = loadConfig({ env: { OPENAI_API_KEY: 'sk bad key' } });
    await expect(loading).rejects.toThrow(/environment: OPENAI_API_KEY: the value cannot be used.*Cure:/);
    await expect(loading).rejects.not.toThrow(/sk bad key/);
  });
});

describe('what wins', () => {
  const text = 'server: { host: 10.0.0.1, port: 1111, data: ./here }';
  const env = { UCODE_GATEWAY_HOST: '10.0.0.2', UCODE_GATEWAY_PORT: '2222', UCODE_GATEWAY_DATA: '/from/env' };

  test('the file over defaults, its paths relative to it', async () => {
    const file = testingFile(text);
    const { server } = await loadConfig({ file, env: {} });
    expect([server.host, server.port, server.dataDirectory]).toEqual([
      '10.0.0.1',
      1111,
      path.join(path.dirname(file), 'here'),
    ]);
  });

  test('the environment over the file', async () => {
    const file = testingFile(text);
    const { server } = await loadConfig({ env: { ...env, UCODE_GATEWAY_CONFIG: file } });
    expect([server.host, server.port, server.dataDirectory]).toEqual(['10.0.0.2', 2222, path.resolve('/from/env')]);
  });

  test('flags over the environment', async () => {
    const { server } = await loadConfig({
      file: testingFile(text),
      host: '10.0.0.3',
      port: 0,
      data: '/from/flag',
      env,
    });
    expect([server.host, server.port, server.dataDirectory]).toEqual(['10.0.0.3', 0, path.resolve('/from/flag')]);
  });

  test('a variable that is not a port is named', async () => {
    for (const port of ['http', '65536', '-1', '1.5', ' ']) {
      await expect(loadConfig({ env: { UCODE_GATEWAY_PORT: port } })).rejects.toThrow(
        /environment: UCODE_GATEWAY_PORT: not a port/,
      );
    }
  });

  test('~ is the home directory', async () => {
    const { server } = await load('server: { data: ~/data }', { HOME: '/home/ada' });
    expect(server.dataDirectory).toBe(path.resolve('/home/ada/data'));
  });
});

describe('a file', () => {
  test('that is empty gives the defaults', async () => {
    const config = await load('# nothing yet\n');
    expect(config.modelServices.length).toBeGreaterThan(0);
  });

  test('in the shapes of the REST resources', async () => {
    const config = await load(
      `
$schema: ./gateway.schema.json
server: { keepalive_interval: 500ms, idle_timeout: 1.5m, max_body_bytes: 1048576, spool_max_bytes: 2GiB, allowed_private_networks: [127.0.0.0/8, "fd00::/8", 10.1.2.3] }
users:
  - { name: ada@example.com, groups: [admins, team] }
  - { name: bob@example.com, active: false }
model_provider_services:
  - name: model-provider-services/main.default.one
    comment: First
    config:
      provider_type: EXTERNAL_MODEL_PROVIDER_TYPE_OPENAI
      openai: { direct: { api_key: { plaintext: "\${env:KEY}" } } }
      targets:
        - { model: gpt-5.5, native_api_types: [openai/v1/responses] }
      allow_all_targets: true
model_services:
  - name: model-services/main.team.fast
    comment: Fast
    tags: { team: core }
    config:
      routing:
        destinations:
          - name: big
            destination_type: DESTINATION_TYPE_EXTERNAL_FOUNDATION_MODEL
            traffic_percentage: 33.3
            external_model_config: { model_provider_service: model-provider-services/main.default.one, target: { model: gpt-5.5 } }
          - traffic_percentage: 66.7
            external_model_config: { model_provider_service: main.default.one, target: { model: gpt-5.6-luna } }
        fallback:
          destinations:
            - external_model_config: { model_provider_service: main.default.one, target: { model: gpt-5.6-luna } }
        traffic_splitting: {}
        first_token_timeout: 2.5s
`,
      { KEY: 'sk-secret' },
    );
    expect(config.server).toMatchObject({
      keepaliveMs: 500,
      idleTimeoutMs: 90_000,
      maxBodyBytes: 1_048_576,
      spoolMaxBytes: 2 ** 31,
      allowedPrivateNetworks: ['127.0.0.0/8', 'fd00::/8', '10.1.2.3'],
    });
    expect(config.users[1]).toEqual({ name: 'bob@example.com', groups: [], active: false });
    expect(config.providerServices).toEqual([
      {
        ...declaredRecord(),
        name: 'main.default.one',
        comment: 'First',
        provider: 'openai',
        options: expect.objectContaining({ api_key: 'sk-secret' }),
        targets: [{ model: 'gpt-5.5', nativeApiTypes: ['openai/v1/responses'] }],
        allowAllTargets: true,
      },
    ]);
    expect(config.modelServices).toEqual([
      {
        ...declaredRecord(),
        name: 'main.team.fast',
        comment: 'Fast',
        tags: { team: 'core' },
        destinations: [
          { name: 'big', providerService: 'main.default.one', model: 'gpt-5.5', trafficPercentage: 33.3 },
          { name: 'gpt-5.6-luna', providerService: 'main.default.one', model: 'gpt-5.6-luna', trafficPercentage: 66.7 },
        ],
        fallbacks: [
          { name: 'gpt-5.6-luna-2', providerService: 'main.default.one', model: 'gpt-5.6-luna', trafficPercentage: 0 },
        ],
        firstTokenTimeoutMs: 2500,
      },
    ]);
  });

  test('may declare native_api_types at the destination', async () => {
    const text = smallFile.replace(
      'target: { model: gpt-5.5 }',
      'target: { model: gpt-5.5, native_api_types: [openai/v1/responses] }',
    );
    const config = await load(text);
    expect(config.providerServices[0]?.targets).toEqual([
      { model: 'gpt-5.5', nativeApiTypes: ['openai/v1/responses'] },
    ]);
    expect(config.providerServices[0]?.allowAllTargets).toBe(false);
  });

  test('says who may use a service', async () => {
    const text = smallFile
      .replace('  - name: main.default.one', '  - name: main.default.one\n    grants: []')
      .replace(
        'model_services:\n  - name',
        "model_services:\n  - grants: [{ principal: ' team ', privileges: [EXECUTE, READ_METADATA] }]\n    name",
      );
    const config = await load(text);
    expect(config.providerServices[0]?.grants).toEqual([]);
    expect(config.modelServices[0]?.grants).toEqual([{ principal: 'team', privileges: ['EXECUTE', 'READ METADATA'] }]);
  });

  test('with model services registers nothing by itself', async () => {
    const config = await load(smallFile, { ANTHROPIC_API_KEY: 'sk-b' });
    expect(config.providerServices.map((service) => service.name)).toEqual(['main.default.one']);
    expect(config.modelServices[0]?.destinations[0]?.trafficPercentage).toBe(100);
  });

  test('without model services registers those of its providers, and of the environment', async () => {
    const text = smallFile.slice(0, smallFile.indexOf('model_services:'));
    const config = await load(text, { OPENAI_API_KEY: 'sk-a', ANTHROPIC_API_KEY: 'sk-b' });
    expect(config.providerServices.map((service) => service.name)).toEqual([
      'main.default.one',
      'main.default.anthropic',
    ]);
    expect(config.modelServices.map((service) => service.name)).toEqual([
      'system.ai.gpt-5-5',
      ...providers.find((one) => one.id === 'anthropic')!.defaultModels!.map((model) => `system.ai.${model.service}`),
    ]);
    expect(config.providerServices[0]?.allowAllTargets).toBe(false);
  });
});

test.each(providers.map((provider) => [provider.id, provider] as const))(
  '%s can be named by its block',
  async (id, provider) => {
    const direct = {
      base_url: 'https://provider.example/v1',
      host: 'https://provider.example',
      api_key: 'sk',
      token: 'sk',
    };
    const shape = (provider.options as unknown as { shape: Record<string, unknown> }).shape;
    const options = Object.fromEntries(Object.entries(direct).filter(([key]) => key in shape));
    const config = await load(
      `model_provider_services: [{ name: main.default.x, config: { ${provider.block}: { ${provider.mode ?? 'direct'}: ${JSON.stringify(options)} } } }]`,
    );
    expect(config.providerServices[0]?.provider).toBe(id);
  },
);
