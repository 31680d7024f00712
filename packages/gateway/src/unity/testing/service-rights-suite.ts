import { beforeEach, describe, expect, it } from 'vitest';
import type { StorePlace } from '../../state/testing/store-place.ts';
import { ada, admin, bob } from './open-catalog.ts';
import { declaredModel, modelBody, serviceConfig } from './service-config.ts';
import { servicesFixture } from './services-fixture.ts';

/** Who may use and change services, of the store and of the configuration. */
export function serviceRightsSuite(place: StorePlace): void {
  const { fixture, createProvider, createModel, model, may, codeOf } = servicesFixture(place);

  describe('rights on services', () => {
    beforeEach(async () => {
      await createModel();
      await fixture.test.run('GRANT USE SCHEMA ON SCHEMA main.team TO `account users`');
    });

    it.each([
      ['GRANT EXECUTE ON MODEL SERVICE main.team.fast TO `bob@example.com`', true],
      ['GRANT EXECUTE ON MODEL SERVICE main.team.fast TO `account users`', true],
      ['GRANT ALL PRIVILEGES ON MODEL SERVICE main.team.fast TO `BOB@example.com`', true],
      ['GRANT EXECUTE ON SCHEMA main.team TO `bob@example.com`', true],
      ['GRANT EXECUTE ON CATALOG main TO `bob@example.com`', true],
      ['GRANT READ METADATA ON MODEL SERVICE main.team.fast TO `bob@example.com`', false],
      ['GRANT EXECUTE ON MODEL SERVICE main.team.fast TO others', false],
      ['GRANT SELECT ON SCHEMA main.team TO `bob@example.com`', false],
    ])('%s', async (sql, expected) => {
      expect(may(bob, 'main.team.fast')).toBe(false);
      await fixture.test.run(sql);
      expect(may(bob, 'main.team.fast')).toBe(expected);
      await fixture.test.run(sql.replace('GRANT', 'REVOKE').replace(/ TO (?=\S+$|`.*`$)/, ' FROM '));
      expect(may(bob, 'main.team.fast')).toBe(false);
    });

    it('need USE SCHEMA and USE CATALOG beside EXECUTE', async () => {
      await fixture.test.run('GRANT EXECUTE ON MODEL SERVICE main.team.fast TO `bob@example.com`');
      await fixture.test.run('REVOKE USE SCHEMA ON SCHEMA main.team FROM `account users`');
      expect(may(bob, 'main.team.fast')).toBe(false);
      expect(fixture.test.catalog.serviceRights(bob).maySee('MODEL_SERVICE', 'main.team.fast')).toBe(false);
      await fixture.test.run('GRANT USE SCHEMA ON SCHEMA main.team TO `bob@example.com`');
      expect(may(bob, 'main.team.fast')).toBe(true);
      await fixture.test.run('REVOKE USE CATALOG ON CATALOG main FROM `account users`');
      expect(may(bob, 'main.team.fast')).toBe(false);
    });

    it('show a service to who may read its metadata or manage it, and let only the latter change it', async () => {
      const rights = () => fixture.test.catalog.serviceRights(bob);
      await fixture.test.run('GRANT READ METADATA ON MODEL SERVICE main.team.fast TO `bob@example.com`');
      expect([
        rights().maySee('MODEL_SERVICE', 'main.team.fast'),
        rights().mayManage('MODEL_SERVICE', 'main.team.fast'),
      ]).toEqual([true, false]);
      expect(await codeOf(fixture.services.remove('MODEL_SERVICE', 'main.team.fast', bob))).toBe('policy_forbidden');
      await fixture.test.run('GRANT MANAGE ON MODEL SERVICE main.team.fast TO `bob@example.com`');
      expect(await codeOf(fixture.services.remove('MODEL_SERVICE', 'main.team.fast', bob))).toBe('done');
    });

    it('hide a service from who has none', async () => {
      for (const name of ['main.team.fast', 'main.team.unknown', 'fast', 'a.b.c.d', '']) {
        expect(await codeOf(fixture.services.remove('MODEL_SERVICE', name, bob))).toBe('caller_not_found');
      }
      expect(await codeOf(fixture.test.run('GRANT EXECUTE ON MODEL SERVICE main.team.fast TO bob', bob))).toBe(
        'caller_not_found',
      );
      expect(await codeOf(fixture.test.run('SHOW GRANTS ON MODEL SERVICE main.team.fast', bob))).toBe(
        'caller_not_found',
      );
    });

    it('make the catalog and schema visible that a granted service is in', async () => {
      await fixture.test.run('CREATE CATALOG lab');
      await fixture.test.run('CREATE SCHEMA lab.one');
      await fixture.services.create(
        'MODEL_SERVICE',
        { catalog: 'lab', schema: 'one', name: 'x', config: modelBody('main.conf.openai') },
        admin,
      );
      expect(fixture.test.catalog.catalogs(bob).map(({ name }) => name)).not.toContain('lab');
      await fixture.test.run('GRANT EXECUTE ON MODEL SERVICE lab.one.x TO `bob@example.com`');
      expect(fixture.test.catalog.catalogs(bob).map(({ name }) => name)).toContain('lab');
    });

    it('are shown by SQL', async () => {
      await fixture.test.run('GRANT EXECUTE ON MODEL SERVICE main.team.fast TO readers');
      expect(await fixture.test.rows('SHOW GRANTS ON MODEL SERVICE main.team.fast')).toContainEqual([
        'readers',
        'EXECUTE',
        'MODEL_SERVICE',
        'main.team.fast',
      ]);
      await fixture.test.run('ALTER MODEL SERVICE main.team.fast OWNER TO `bob@example.com`', ada);
      expect(model()?.owner).toBe('bob@example.com');
      expect(may(bob, 'main.team.fast')).toBe(true);
    });

    it('keep the kinds of services apart', async () => {
      await createProvider('fast');
      await fixture.test.run('GRANT EXECUTE ON MODEL SERVICE main.team.fast TO `bob@example.com`');
      expect(may(bob, 'main.team.fast', 'MODEL_PROVIDER_SERVICE')).toBe(false);
    });
  });

  describe('services of the configuration', () => {
    it('may be used by everyone where it does not say who', () => {
      expect(may(bob, 'main.conf.fast')).toBe(true);
      expect(may(bob, 'main.conf.openai', 'MODEL_PROVIDER_SERVICE')).toBe(true);
    });

    it('may be used by those it names', async () => {
      const grants = [{ principal: 'Team', privileges: ['EXECUTE' as const] }];
      fixture.services.configure(
        serviceConfig({ modelServices: [declaredModel('main.conf.fast', 'main.conf.openai', grants)] }),
      );
      expect([may(ada, 'main.conf.fast'), may(bob, 'main.conf.fast')]).toEqual([true, false]);
      await fixture.test.run('GRANT EXECUTE ON MODEL SERVICE main.conf.fast TO `bob@example.com`');
      expect(may(bob, 'main.conf.fast')).toBe(true);
      const error = await fixture.test
        .run('REVOKE EXECUTE ON MODEL SERVICE main.conf.fast FROM team')
        .catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'caller_invalid_state', message: expect.stringContaining('gateway.yaml') });
      await fixture.test.run('REVOKE EXECUTE ON MODEL SERVICE main.conf.fast FROM `bob@example.com`');
      expect(may(bob, 'main.conf.fast')).toBe(false);
    });

    it('cannot be changed or deleted, by anybody', async () => {
      const change = { paths: ['comment'], body: { comment: 'x' } };
      expect(await codeOf(fixture.services.update('MODEL_SERVICE', 'main.conf.fast', change, admin))).toBe(
        'caller_invalid_state',
      );
      expect(await codeOf(fixture.services.remove('MODEL_SERVICE', 'main.conf.fast', admin))).toBe(
        'caller_invalid_state',
      );
      expect(await codeOf(fixture.services.remove('MODEL_SERVICE', 'main.conf.fast', ada))).toBe('policy_forbidden');
      expect(await codeOf(fixture.test.run('DROP SCHEMA main.conf CASCADE'))).toBe('caller_invalid_state');
    });

    it('shadow a stored one of the same name, and say so once', async () => {
      await createModel();
      const shadow = serviceConfig({ modelServices: [declaredModel('main.team.FAST', 'main.conf.openai')] });
      fixture.services.configure(shadow);
      fixture.services.configure({ ...shadow });
      expect(fixture.services.config().modelServices.map((one) => [one.name, one.origin])).toEqual([
        ['main.team.FAST', 'configuration'],
      ]);
      expect(fixture.test.messages.filter((message) => message.includes('main.team.fast'))).toHaveLength(1);
      fixture.services.configure(serviceConfig());
      expect(model()?.origin).toBe('api');
    });
  });
}
