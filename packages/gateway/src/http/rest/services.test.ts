import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditChange } from '../../audit/audit-event.ts';
import type { GatewayConfig } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { ServiceIndex } from '../../config/service-index.ts';
import { resolveService } from '../../governance/resolve-service.ts';
import type { Caller } from '../../unity/caller.ts';
import { ada, admin, bob, TestCatalog } from '../../unity/testing/open-catalog.ts';
import { modelBody, providerBody, serviceConfig } from '../../unity/testing/service-config.ts';
import type { RestContext, RestRoute } from '../rest-route.ts';
import { RouteTable } from '../route-table.ts';
import { openaiModelRoutes } from '../model-lists/openai-models.ts';
import { aiGatewayV2Routes } from './ai-gateway-v2.ts';
import { modelProviderServiceRoutes } from './model-provider-services.ts';
import { modelServiceRoutes } from './model-services.ts';
import { servingEndpointRoutes } from './serving-endpoints.ts';
import { unityPermissionRoutes } from './unity-permissions.ts';

const routes = new RouteTable<RestRoute>([
  ...modelServiceRoutes,
  ...modelProviderServiceRoutes,
  ...unityPermissionRoutes,
  ...aiGatewayV2Routes,
  ...servingEndpointRoutes,
  ...openaiModelRoutes,
]);
const CANARY = 'sk-canary-4711';

let test: TestCatalog;
let changes: AuditChange[];
let everything: string[];

beforeEach(async () => {
  test = await TestCatalog.open();
  changes = [];
  everything = [];
  await test.catalog.ensureSchemas(['main.conf.fast']);
  test.catalog.services.configure({
    ...serviceConfig(),
    server: { allowedPrivateNetworks: [] },
  } as unknown as GatewayConfig);
  await test.run('CREATE SCHEMA main.team');
  await test.run('GRANT USE SCHEMA, CREATE SERVICE ON SCHEMA main.team TO team');
});

afterEach(async () => {
  expect(everything.join('\n')).not.toContain('canary');
  expect(JSON.stringify([changes, test.messages])).not.toContain('canary');
  expect(JSON.stringify(await test.store.all('SELECT * FROM unity_services'))).not.toContain('canary');
  await test.close();
});

async function send(method: string, target: string, body: object = {}, caller: Caller = ada): Promise<any> {
  const [path = '', query = ''] = target.split('?', 2);
  const match = routes.match(method, path.startsWith('/') ? path : `/api/2.1/unity-catalog/${path}`);
  if (!match || !('route' in match)) throw new Error(`No route for ${method} ${path}`);
  const context = { catalog: test.catalog, config: () => test.catalog.services.config() };
  try {
    const answer = await match.route.handle(
      {
        method,
        params: match.params,
        requestId: 'r1',
        query: new URLSearchParams(query),
        headers: {},
        principal: {
          id: '1',
          type: 'USER',
          active: true,
          authMode: 'PAT',
          tokenId: 't',
          scopes: new Set(['all-apis']),
          ...caller,
        },
        body: body as Record<string, unknown>,
        origin: 'http://localhost',
        sourceIp: undefined,
        noteChange: (change) => void changes.push(change),
      },
      context as unknown as RestContext,
    );
    everything.push(JSON.stringify(answer));
    return JSON.parse(JSON.stringify(answer.body));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    everything.push(error.message);
    return { status: error.status, error: error.vendorCode, message: error.message };
  }
}

const newProvider = (name = 'prov', config: object = providerBody(CANARY), caller?: Caller) =>
  send(
    'POST',
    `model-provider-services?parent=schemas/main.team&model_provider_service_id=${encodeURIComponent(name)}`,
    { config },
    caller,
  );
const newModel = (name = 'fast', config: object = modelBody('main.conf.openai'), caller?: Caller) =>
  send(
    'POST',
    `model-services?parent=schemas/main.team&model_service_id=${encodeURIComponent(name)}`,
    { comment: 'c', config },
    caller,
  );
const names = (list: { name: string }[]) => list.map(({ name }) => name);

describe('a model service', () => {
  it('is made, read, changed and deleted in the shape of the vendor', async () => {
    const made = await newModel();
    expect(made).toMatchObject({
      name: 'model-services/main.team.fast',
      comment: 'c',
      effective_owner: 'ada@example.com',
      create_time: new Date(test.time).toISOString(),
      created_by: 'ada@example.com',
      supported_api_types: expect.arrayContaining(['openai/v1/responses']),
      config: { routing: { destinations: [{ name: 'd', traffic_percentage: 100 }] } },
    });
    expect(await send('GET', 'model-services/main.team.fast')).toEqual(made);
    const [listed] = (await send('GET', 'model-services?parent=schemas/main.team')).model_services;
    expect(listed).toMatchObject({ name: made.name, etag: made.etag });
    expect(listed).not.toHaveProperty('config');
    expect((await send('GET', 'model-services?parent=schemas/main.team&view=FULL')).model_services).toEqual([made]);

    test.time += 1000;
    const rateLimits = [
      { key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: 'RATE_LIMIT_RENEWAL_PERIOD_MINUTE', requests: 5 },
    ];
    const changed = await send(
      'PATCH',
      `model-services/main.team.fast?update_mask=comment,config.rate_limits&etag=${made.etag}`,
      {
        ...made,
        comment: undefined,
        config: { rate_limits: rateLimits },
      },
    );
    expect(changed).toMatchObject({
      create_time: made.create_time,
      config: { ...made.config, rate_limits: rateLimits },
    });
    expect(changed).not.toHaveProperty('comment');
    expect([changed.etag === made.etag, changed.update_time === made.update_time]).toEqual([false, false]);
    // What was read can be written back, fields of answers and all.
    expect(await send('PATCH', 'model-services/main.team.fast?update_mask=config', changed)).toMatchObject({
      config: changed.config,
    });

    expect(await send('DELETE', `model-services/main.team.fast?etag=${made.etag}`)).toMatchObject({
      status: 409,
      error: 'ABORTED',
    });
    expect(await send('DELETE', 'model-services/main.team.fast')).toEqual({});
    expect(await send('GET', 'model-services/main.team.fast')).toMatchObject({ status: 404 });
    expect(changes.map(({ target, before, after }) => [target, before !== undefined, after !== undefined])).toEqual([
      ['model-services/main.team.fast', false, true],
      ['model-services/main.team.fast', true, true],
      ['model-services/main.team.fast', true, true],
      ['model-services/main.team.fast', true, false],
    ]);
  });

  it.each(['', '*', 'name', 'config.routing', 'config.service_policies', 'etag', 'comment,*'])(
    'refuses the mask %j',
    async (mask) => {
      await newModel();
      const answer = await send('PATCH', `model-services/main.team.fast?update_mask=${encodeURIComponent(mask)}`, {
        comment: 'x',
      });
      expect(answer).toMatchObject({ status: 400, error: 'INVALID_PARAMETER_VALUE' });
    },
  );

  it.each([
    ['model-services?model_service_id=x', 'parent'],
    ['model-services?parent=main.team&model_service_id=x', 'parent'],
    ['model-services?parent=schemas/main.team', 'model_service_id'],
    ['model-services?parent=schemas/main.team&model_service_id=a.b', 'service'],
  ])('cannot be made by POST %s', async (target, named) => {
    const answer = await send('POST', target, { config: modelBody('main.conf.openai') });
    expect(answer).toMatchObject({
      status: 400,
      error: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining(named),
    });
  });

  it('of the configuration is shown and not changed', async () => {
    expect(await send('GET', 'model-services/main.conf.fast')).toMatchObject({
      effective_owner: 'admins',
      create_time: '1970-01-01T00:00:00Z',
    });
    const answer = await send('PATCH', 'model-services/main.conf.fast?update_mask=comment', { comment: 'x' }, admin);
    expect(answer).toMatchObject({
      status: 400,
      error: 'INVALID_STATE',
      message: expect.stringContaining('gateway.yaml'),
    });
    expect(await newModel('x', modelBody('main.conf.openai'), admin)).toMatchObject({
      name: 'model-services/main.team.x',
    });
    const again = `model-services?parent=schemas/main.conf&model_service_id=FAST`;
    expect(await send('POST', again, { config: modelBody('main.conf.openai') }, admin)).toMatchObject({
      status: 409,
      error: 'ALREADY_EXISTS',
    });
  });
});

describe('what a caller sees', () => {
  const lists = async (caller: Caller) => [
    names((await send('GET', 'model-services', {}, caller)).model_services),
    names((await send('GET', '/api/ai-gateway/v2/endpoints', {}, caller)).endpoints),
    (await send('GET', '/ai-gateway/openai/v1/models', {}, caller)).data.map(({ id }: { id: string }) => id),
  ];

  it('is what it may execute, in every list', async () => {
    await newModel();
    await test.run('GRANT USE SCHEMA ON SCHEMA main.team TO `account users`');
    const [all, ...others] = await lists(ada);
    expect(all).toEqual(['model-services/main.conf.fast', 'model-services/main.team.fast']);
    for (const list of others) expect(list).toHaveLength(2);
    for (const list of await lists(bob)) expect(list).toHaveLength(1);
    const one = (path: string) => send('GET', path, {}, bob);
    for (const path of [
      'model-services/main.team.fast',
      '/api/ai-gateway/v2/endpoints/main.team.fast',
      '/ai-gateway/openai/v1/models/main.team.fast',
    ]) {
      const hidden = await one(path);
      expect(hidden).toMatchObject({ status: 404 });
      expect(hidden.message).toBe((await one(path.replace('team.fast', 'team.none'))).message.replace('none', 'fast'));
    }
    await send('PATCH', 'permissions/model_service/main.team.fast', {
      changes: [{ principal: bob.userName, add: ['EXECUTE'] }],
    });
    for (const list of await lists(bob)) expect(list).toHaveLength(2);
  });

  it('has no schema in it that it does not see', async () => {
    expect(await send('GET', 'model-services?parent=schemas/main.team', {}, bob)).toMatchObject({
      status: 404,
      error: 'NOT_FOUND',
    });
    expect((await send('GET', 'model-services?parent=schemas/main.team', {}, ada)).model_services).toEqual([]);
  });

  it.each([
    'x',
    'W10',
    Buffer.from('["MODEL_SERVICE *",1]').toString('base64url'),
    Buffer.from('["MODEL_PROVIDER_SERVICE *","a"]').toString('base64url'),
    'A'.repeat(20_000),
    "'; --",
    '%00',
  ])('cannot be walked with the token %s', async (token) => {
    const answer = await send('GET', `model-services?page_token=${encodeURIComponent(token)}`);
    expect(answer).toMatchObject({ status: 400, error: 'INVALID_PARAMETER_VALUE' });
  });

  it('is not more with a token of somebody who sees more', async () => {
    await newModel('zzz');
    const { next_page_token: token } = await send('GET', 'model-services?page_size=1');
    expect(names((await send('GET', `model-services?page_size=1&page_token=${token}`)).model_services)).toEqual([
      'model-services/main.team.zzz',
    ]);
    expect((await send('GET', `model-services?page_token=${token}`, {}, bob)).model_services).toEqual([]);
  });
});

describe('a provider service', () => {
  it('shows that there is a credential, and that to managers only', async () => {
    const made = await newProvider();
    expect(made).toMatchObject({
      name: 'model-provider-services/main.team.prov',
      config: {
        provider_type: 'EXTERNAL_MODEL_PROVIDER_TYPE_OPENAI',
        openai: { direct: { api_key: {}, base_url: 'https://api.example/v1' } },
        targets: [],
        allow_all_targets: true,
      },
    });
    await test.run('GRANT USE SCHEMA ON SCHEMA main.team TO `account users`');
    await test.run('GRANT EXECUTE ON MODEL PROVIDER SERVICE main.team.prov TO `account users`');
    const shown = await send('GET', 'model-provider-services/main.team.prov', {}, bob);
    expect(shown.config).toMatchObject({ openai: { direct: {} } });
    expect(shown.config.openai.direct).toEqual({});
    const listed = (await send('GET', 'model-provider-services?parent=schemas/main.team', {}, bob))
      .model_provider_services;
    expect(listed).toEqual([shown]);
    // Written back as it was read, the credential stays.
    await send('PATCH', 'model-provider-services/main.team.prov?update_mask=config', {
      config: { ...made.config, targets: [{ model: 'a' }] },
    });
    const service = test.catalog.services.config().providerServices.find(({ name }) => name === 'main.team.prov');
    expect(service).toMatchObject({ options: { api_key: CANARY }, targets: [{ model: 'a' }] });
  });

  it('may pass the credentials of callers on', async () => {
    const made = await newProvider('relay', {
      anthropic: { relayed: { plan_type: 'ANTHROPIC_RELAYED_PLAN_TYPE_MAX' } },
      targets: [{ model: 'claude-opus-4-8' }],
    });
    expect(made.config).toMatchObject({
      provider_type: 'EXTERNAL_MODEL_PROVIDER_TYPE_ANTHROPIC',
      anthropic: { relayed: { plan_type: 'ANTHROPIC_RELAYED_PLAN_TYPE_MAX' } },
      allow_all_targets: false,
    });
    expect(await newProvider('both', { anthropic: { relayed: {}, direct: { api_key: CANARY } } })).toMatchObject({
      status: 400,
    });
    expect(await newProvider('keyed', { anthropic: { relayed: { api_key: CANARY } } })).toMatchObject({ status: 400 });
  });

  it.each([
    'http://169.254.169.254/latest',
    'https://169.254.169.254',
    'https://[::ffff:169.254.169.254]',
    'https://[fd00:ec2::254]',
    'http://0x7f000001/',
    'https://2130706433',
    'https://10.0.0.1',
    'https://[::1]',
    'https://metadata.google.internal./computeMetadata',
    'http://api.example',
    'http://8.8.8.8',
    'https://user:pass@api.example',
    'https://user@api.example',
    'ftp://api.example',
    'file:///etc/passwd',
    'gopher://api.example',
    'javascript:alert(1)',
    'https://api.example?key=1',
    'https://api.example#x',
    '//api.example',
    '',
  ])('cannot be at %s', async (address) => {
    const answer = await newProvider('x', { openai: { direct: { api_key: CANARY, base_url: address } } });
    expect(answer).toMatchObject({ status: 400, error: 'INVALID_PARAMETER_VALUE' });
    await newProvider('moved');
    const config = { openai: { direct: { api_key: { plaintext: CANARY }, base_url: address } } };
    const moved = await send('PATCH', 'model-provider-services/main.team.moved?update_mask=config', { config });
    expect(moved).toMatchObject({ status: 400, error: 'INVALID_PARAMETER_VALUE' });
  });

  it('that is deleted leaves destinations that are shown as deleted and refused', async () => {
    await newProvider();
    await newModel('fast', modelBody('main.team.prov'));
    await send('DELETE', 'model-provider-services/main.team.prov');
    const shown = await send('GET', 'model-services/main.team.fast');
    expect(shown.config.routing.destinations[0]).toMatchObject({ is_deleted: true });
    const config = test.catalog.services.config();
    const refused = () =>
      resolveService({
        snapshot: { config, services: new ServiceIndex(config.modelServices) },
        rights: (caller) => test.catalog.serviceRights(caller),
        principal: ada,
        model: 'main.team.fast',
        providerHeader: undefined,
      });
    expect(refused).toThrow(expect.objectContaining({ code: 'caller_invalid_state', status: 400 }));
  });
});

describe('permissions of services', () => {
  it('are granted, shown and revoked', async () => {
    await newModel();
    const grant = { changes: [{ principal: 'readers', add: ['EXECUTE', 'READ_METADATA'] }] };
    expect(await send('PATCH', 'permissions/model_service/main.team.fast', grant)).toEqual({
      privilege_assignments: [{ principal: 'readers', privileges: ['EXECUTE', 'READ_METADATA'] }],
    });
    await test.run('GRANT EXECUTE ON SCHEMA main.team TO others');
    const effective = await send(
      'GET',
      'effective-permissions/model_service/main.team.fast?principal=others',
      {},
      admin,
    );
    expect(effective.privilege_assignments).toEqual([
      {
        principal: 'others',
        privileges: [{ privilege: 'EXECUTE', inherited_from_type: 'SCHEMA', inherited_from_name: 'main.team' }],
      },
    ]);
    const revoke = { changes: [{ principal: 'readers', remove: ['EXECUTE', 'READ_METADATA'] }] };
    expect(await send('PATCH', 'permissions/MODEL_SERVICE/main.team.fast', revoke)).toEqual({
      privilege_assignments: [],
    });
    expect(changes.at(-1)).toMatchObject({ target: 'permissions/model_service/main.team.fast' });
  });

  it('that do not fit, or are for others to give, are refused', async () => {
    await newModel();
    const change = (add: string[], caller: Caller = ada, name = 'main.team.fast') =>
      send(
        'PATCH',
        `permissions/model_service/${encodeURIComponent(name)}`,
        { changes: [{ principal: 'x', add }] },
        caller,
      );
    expect(await change(['SELECT'])).toMatchObject({ status: 400 });
    expect(await change(['CREATE_SERVICE'])).toMatchObject({ status: 400 });
    expect(await change(['EXECUTE'], bob)).toMatchObject({ status: 404 });
    await test.run('GRANT USE SCHEMA ON SCHEMA main.team TO `account users`');
    await test.run('GRANT EXECUTE ON MODEL SERVICE main.team.fast TO `account users`');
    expect(await change(['MANAGE'], bob)).toMatchObject({ status: 403 });
    for (const name of ["main.team.fast' OR '1'='1", 'main.team', 'a.b.c.d', 'main..fast']) {
      expect((await change(['EXECUTE'], admin, name)).status).toBeGreaterThanOrEqual(400);
    }
  });
});
