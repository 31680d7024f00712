import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { StorePlace } from '../../state/testing/store-place.ts';
import { ada, admin, bob } from './open-catalog.ts';
import { declaredProvider, modelBody, providerBody, serviceConfig } from './service-config.ts';
import { servicesFixture } from './services-fixture.ts';

/** Services that are made, changed and deleted by API, whichever database they are in. */
export function servicesSuite(place: StorePlace): void {
  const { fixture, createProvider, createModel, provider, model, may, codeOf } = servicesFixture(place);

  describe('making a service', () => {
    it('puts it into force, with its owner', async () => {
      await createProvider();
      await createModel('Fast', ada, modelBody('main.team.prov'));
      expect(provider()).toMatchObject({
        owner: 'ada@example.com',
        origin: 'api',
        createdBy: 'ada@example.com',
        createdAt: fixture.test.time,
        provider: 'openai',
        options: { api_key: 'sk-canary', base_url: 'https://api.example/v1' },
      });
      expect(model()?.destinations).toMatchObject([{ providerService: 'main.team.prov', model: 'gpt-5.5' }]);
      expect(may(ada, 'main.team.fast')).toBe(true);
      expect(may(bob, 'main.team.fast')).toBe(false);
      expect(may(admin, 'main.team.fast')).toBe(true);
    });

    it('needs CREATE SERVICE, USE SCHEMA and USE CATALOG', async () => {
      expect(await codeOf(createModel('x', bob))).toBe('caller_schema_not_found');
      await fixture.test.run('GRANT CREATE SERVICE ON SCHEMA main.team TO `bob@example.com`');
      expect(await codeOf(createModel('x', bob))).toBe('policy_forbidden');
      await fixture.test.run('GRANT USE SCHEMA ON SCHEMA main.team TO `bob@example.com`');
      expect(await codeOf(createModel('x', bob))).toBe('done');
      await fixture.test.run('REVOKE USE CATALOG ON CATALOG main FROM `account users`');
      expect(await codeOf(createModel('y', bob))).toBe('policy_forbidden');
    });

    it('needs EXECUTE on the provider services, and says the same of hidden and unknown ones', async () => {
      fixture.services.configure(serviceConfig({ providerServices: [declaredProvider('main.conf.openai', [])] }));
      const refusal = async (name: string) =>
        createModel('x', ada, modelBody(name)).catch((error: GatewayError) => error.message);
      const hidden = await refusal('main.conf.openai');
      expect(hidden).toBe(String(await refusal('main.conf.nothing')).replace('nothing', 'openai'));
      await fixture.test.run('GRANT EXECUTE ON MODEL PROVIDER SERVICE main.conf.openai TO team');
      expect(await codeOf(createModel('x'))).toBe('done');
    });

    it('refuses a name that is taken, by the store or by the configuration', async () => {
      await createModel();
      expect(await codeOf(createModel())).toBe('caller_already_exists');
      expect(await codeOf(createModel('FAST'))).toBe('caller_already_exists');
      const declared = fixture.services.create(
        'MODEL_SERVICE',
        { catalog: 'main', schema: 'conf', name: 'fast', config: modelBody('main.conf.openai') },
        admin,
      );
      expect(await codeOf(declared)).toBe('caller_already_exists');
      expect(await codeOf(createProvider('fast'))).toBe('done');
    });

    it.each([
      '',
      'a.b',
      'a b',
      'a/b',
      '../x',
      'a\u0000',
      "x'; DROP TABLE unity_services; --",
      'x'.repeat(256),
      '\ud800',
    ])('refuses the name %j', async (name) => {
      expect(await codeOf(createModel(name))).toBe('caller_invalid_parameter');
    });

    it.each(["o'brien", 'x"y', '$(id)', '`a`', '__proto__', 'constructor', 'Ünï', '%s', 'a;b'])(
      'keeps the name %j',
      async (name) => {
        await createModel(name);
        expect(model(`main.team.${name.toLowerCase()}`)).toBeDefined();
        await fixture.services.remove('MODEL_SERVICE', `main.team.${name}`, ada);
        expect(await fixture.test.store.all('SELECT name FROM unity_services')).toEqual([]);
      },
    );

    it.each([
      [{}, 'config.routing'],
      [{ routing: { destinations: [] } }, 'config.routing.destinations'],
      [modelBody('main.conf.openai', { service_policies: [] }), 'config.service_policies'],
      [
        {
          routing: {
            destinations: [{ external_model_config: { model_provider_service: 'x', target: { model: 'm' } } }],
          },
        },
        'config.routing',
      ],
    ])('names the field that is wrong', async (config, field) => {
      const error = await createModel('x', ada, config).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'caller_invalid_parameter' });
      expect((error as Error).message).toContain(field);
    });

    it('never says a credential, whatever is wrong', async () => {
      const wrong = [
        { openai: { direct: { api_key: { plaintext: 'sk-canary\r\nx: y' } } } },
        { openai: { direct: { api_key: { plaintext: 'sk-canary', more: 1 } } } },
        { openai: { direct: { api_key: { sealed: 'sk-canary' } } } },
        { openai: { direct: { api_key: ['sk-canary'] } } },
        { openai: { direct: { api_key: 'sk-canary', base_url: 'ftp://sk-canary' } } },
        { openai: { direct: { api_key: 'sk-canary' } }, anthropic: { direct: { api_key: 'sk-canary' } } },
      ];
      for (const config of wrong) {
        const error = await createProvider('x', ada, config).catch((cause: Error) => cause);
        expect(error).toBeInstanceOf(GatewayError);
        expect((error as Error).message).not.toContain('canary');
      }
    });

    it('seals credentials, however they are written', async () => {
      await createProvider('one');
      await createProvider('two', ada, { openai: { direct: { api_key: 'sk-canary' } } });
      await createProvider('three', ada, {
        openai_compatible: { direct: { api_key: ' sk-canary ', base_url: 'https://x.example' } },
      });
      const rows = JSON.stringify(await fixture.test.store.all('SELECT * FROM unity_services'));
      expect(rows).not.toContain('canary');
      expect(rows.match(/sealed1\./g)).toHaveLength(3);
      for (const name of ['one', 'two', 'three']) {
        expect(provider(`main.team.${name}`)?.options).toMatchObject({ api_key: 'sk-canary' });
      }
    });

    it('of a name that had grants before begins without them', async () => {
      await createModel();
      await fixture.test.run('GRANT EXECUTE ON MODEL SERVICE main.team.fast TO `bob@example.com`');
      await fixture.services.remove('MODEL_SERVICE', 'main.team.fast', ada);
      await createModel();
      expect(may(bob, 'main.team.fast')).toBe(false);
    });
  });

  describe('the inference table of a service', () => {
    const config = (parent: string, given: object = {}) =>
      modelBody('main.conf.openai', { inference_table: { parent, table_name_prefix: 'x', ...given } });

    it('needs the right to make it, or to write the one that is there', async () => {
      expect(await codeOf(createModel('a', ada, config('schemas/main.team')))).toBe('policy_forbidden');
      expect(await codeOf(createModel('a', ada, config('schemas/main.default')))).toBe('done');
      await fixture.test.run('CREATE TABLE main.default.x_payload (a INT)');
      expect(await codeOf(createModel('b', ada, config('schemas/main.default')))).toBe('caller_table_not_found');
      await fixture.test.run('GRANT SELECT ON TABLE main.default.x_payload TO team');
      expect(await codeOf(createModel('b', ada, config('schemas/main.default')))).toBe('policy_forbidden');
    });

    it('takes patterns from admins only', async () => {
      const patterns = { redact: [{ pattern: '(a+)+$' }] };
      expect(await codeOf(createModel('a', ada, config('schemas/main.default', patterns)))).toBe('policy_forbidden');
      expect(await codeOf(createModel('a', admin, config('schemas/main.default', patterns)))).toBe('done');
    });
  });

  describe('changing a service', () => {
    it('takes what the mask names, and nothing else', async () => {
      await createModel();
      const body = { comment: 'new', owner: 'bob', config: { routing: {} } };
      await fixture.services.update('MODEL_SERVICE', 'main.team.fast', { paths: ['comment'], body }, ada);
      expect(model()).toMatchObject({ comment: 'new', owner: 'ada@example.com', destinations: [{ name: 'd' }] });
      await fixture.services.update('MODEL_SERVICE', 'main.team.fast', { paths: ['comment'], body: {} }, ada);
      expect(model()?.comment).toBeUndefined();
    });

    it('lets one of two writers with the same etag win', async () => {
      await createModel();
      const etag = model()?.etag;
      const write = (comment: string) =>
        fixture.services.update(
          'MODEL_SERVICE',
          'main.team.fast',
          { paths: ['comment'], body: { comment }, etag },
          ada,
        );
      const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((comment) => codeOf(write(comment))));
      expect(outcomes.toSorted()).toEqual(['caller_conflict', 'caller_conflict', 'caller_conflict', 'done']);
      expect(model()?.comment).toBe('abcd'[outcomes.indexOf('done')]);
      expect(model()?.etag).not.toBe(etag);
      expect(await codeOf(fixture.services.remove('MODEL_SERVICE', 'main.team.fast', ada, etag))).toBe(
        'caller_conflict',
      );
      expect(await codeOf(fixture.services.remove('MODEL_SERVICE', 'main.team.fast', ada, model()?.etag))).toBe('done');
    });

    it('lets two writers with other masks both have their way', async () => {
      await createModel();
      const beside = await fixture.test.beside();
      beside.catalog.services.configure(serviceConfig());
      await Promise.all([
        fixture.services.update('MODEL_SERVICE', 'main.team.fast', { paths: ['comment'], body: { comment: 'c' } }, ada),
        beside.catalog.services.update(
          'MODEL_SERVICE',
          'main.team.fast',
          { paths: ['owner'], body: { owner: 'team' } },
          ada,
        ),
      ]);
      await fixture.test.watcher.check();
      expect(model()).toMatchObject({ comment: 'c', owner: 'team' });
      await beside.stop();
    });

    it('keeps a credential that is given as {}, unless the address is another', async () => {
      await createProvider();
      const update = (config: object, paths = ['config']) =>
        fixture.services.update('MODEL_PROVIDER_SERVICE', 'main.team.prov', { paths, body: { config } }, ada);
      const direct = { api_key: {}, base_url: 'https://api.example/v1' };
      await update({ openai: { direct }, targets: [{ model: 'a' }] });
      expect(provider()).toMatchObject({ options: { api_key: 'sk-canary' }, targets: [{ model: 'a' }] });
      await update({ targets: [{ model: 'b' }] }, ['config.targets']);
      expect(provider()).toMatchObject({ options: { api_key: 'sk-canary' }, targets: [{ model: 'b' }] });
      expect(await codeOf(update({ openai: { direct: { ...direct, base_url: 'https://thief.example' } } }))).toBe(
        'caller_invalid_parameter',
      );
      expect(await codeOf(update({ openai: { direct: { base_url: 'https://api.example/v1' } } }))).toBe(
        'caller_invalid_parameter',
      );
      expect(await codeOf(update({ openai: { direct: { api_key: {} } } }))).toBe('caller_invalid_parameter');
      await update(providerBody('sk-other'));
      expect(provider()?.options).toMatchObject({ api_key: 'sk-other' });
      expect(JSON.stringify(await fixture.test.store.all('SELECT * FROM unity_services'))).not.toMatch(
        /sk-(canary|other)/,
      );
    });

    it('cannot make another kind of provider of it', async () => {
      await createProvider();
      for (const config of [{ anthropic: { direct: { api_key: 'x' } } }, { anthropic: { relayed: {} } }]) {
        const change = { paths: ['config'], body: { config } };
        const error = await fixture.services
          .update('MODEL_PROVIDER_SERVICE', 'main.team.prov', change, ada)
          .catch((cause: unknown) => cause);
        expect(error).toMatchObject({ code: 'caller_invalid_parameter', param: 'config.provider_type' });
      }
    });

    it('lets a manager without EXECUTE keep the providers, and add none', async () => {
      fixture.services.configure(
        serviceConfig({
          providerServices: [declaredProvider('main.conf.openai'), declaredProvider('main.conf.other')],
        }),
      );
      await createModel();
      await fixture.test.run('GRANT USE SCHEMA ON SCHEMA main.team TO `bob@example.com`');
      await fixture.test.run('GRANT MANAGE ON MODEL SERVICE main.team.fast TO `bob@example.com`');
      fixture.services.configure(
        serviceConfig({
          providerServices: [declaredProvider('main.conf.openai', []), declaredProvider('main.conf.other', [])],
        }),
      );
      const point = (name: string) =>
        fixture.services.update(
          'MODEL_SERVICE',
          'main.team.fast',
          { paths: ['config'], body: { config: modelBody(name) } },
          bob,
        );
      expect(await codeOf(point('main.conf.other'))).toBe('caller_invalid_parameter');
      expect(await codeOf(point('main.conf.openai'))).toBe('done');
    });
  });

  describe('a provider service that goes away', () => {
    const isDeleted = () => model()?.destinations[0]?.isDeleted ?? false;

    it('leaves its destinations deleted, also when another of its name is made', async () => {
      await createProvider();
      await createModel('fast', ada, modelBody('main.team.prov'));
      expect(isDeleted()).toBe(false);
      await fixture.services.remove('MODEL_PROVIDER_SERVICE', 'main.team.prov', ada);
      expect(isDeleted()).toBe(true);
      await createProvider();
      expect(isDeleted()).toBe(true);
      await fixture.services.update(
        'MODEL_SERVICE',
        'main.team.fast',
        { paths: ['config'], body: { config: modelBody('main.team.prov') } },
        ada,
      );
      expect(isDeleted()).toBe(false);
    });

    it('or no longer has the model, likewise', async () => {
      await createProvider();
      await createModel('fast', ada, modelBody('main.team.prov'));
      await fixture.services.update(
        'MODEL_PROVIDER_SERVICE',
        'main.team.prov',
        { paths: ['config.targets', 'config.allow_all_targets'], body: { config: { targets: [{ model: 'other' }] } } },
        ada,
      );
      expect(isDeleted()).toBe(true);
    });
  });

  describe('other gateways and keys', () => {
    it('see changes, and are told before a change is answered', async () => {
      const beside = await fixture.test.beside();
      const other = beside.catalog.services;
      other.configure(serviceConfig());
      const told: number[] = [];
      fixture.services.onChange(async (config) => {
        await Promise.resolve();
        told.push(config.modelServices.length);
      });
      await createModel();
      expect(told).toEqual([2]);
      await fixture.test.run('GRANT EXECUTE ON MODEL SERVICE main.team.fast TO x');
      expect(told).toEqual([2]);
      await beside.watcher.check();
      expect(other.config().modelServices.map(({ name }) => name)).toContain('main.team.fast');
      await beside.stop();
    });

    it('leave out what cannot be opened, and keep it', async () => {
      await createProvider();
      await createModel('fast', ada, modelBody('main.team.prov'));
      const row = await fixture.test.store.get('SELECT config FROM unity_services WHERE name = ?', 'prov');
      const damaged = String(row?.['config']).replace(/sealed1\.[0-9a-f]{16}/, `sealed1.${'0'.repeat(16)}`);
      await fixture.test.store.run(
        'UPDATE unity_services SET config = ?, etag = ? WHERE name = ?',
        damaged,
        'other',
        'prov',
      );
      const again = await fixture.test.newCatalog();
      again.services.configure(serviceConfig());
      expect(again.services.config().providerServices.map(({ name }) => name)).toEqual(['main.conf.openai']);
      expect(
        again.services.config().modelServices.find(({ name }) => name === 'main.team.fast')?.destinations[0]?.isDeleted,
      ).toBe(true);
      expect(fixture.test.messages.join()).toContain('0000000000000000');
      expect(await fixture.test.store.all('SELECT name FROM unity_services')).toHaveLength(2);
    });

    it('drop a schema with its services only when told to', async () => {
      await createModel();
      expect(await codeOf(fixture.test.run('DROP SCHEMA main.team'))).toBe('caller_invalid_state');
      await fixture.test.run('DROP SCHEMA main.team CASCADE');
      expect(model()).toBeUndefined();
    });
  });
}
