import { afterAll, afterEach, beforeEach } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { StorePlace } from '../../state/testing/store-place.ts';
import type { Caller } from '../caller.ts';
import type { ServiceRegistry } from '../services/service-registry.ts';
import { ada, TestCatalog } from './open-catalog.ts';
import { modelBody, providerBody, serviceConfig } from './service-config.ts';

/** A catalog for each test, with `main.conf` of the configuration and `main.team`, in which `team` may make services. */
export function servicesFixture(place: StorePlace) {
  const fixture = {} as { test: TestCatalog; services: ServiceRegistry };

  beforeEach(async () => {
    fixture.test = await TestCatalog.open(await place.newLocation());
    fixture.services = fixture.test.catalog.services;
    await fixture.test.catalog.ensureSchemas(['main.conf.fast']);
    fixture.services.configure(serviceConfig());
    await fixture.test.run('CREATE SCHEMA main.team');
    await fixture.test.run('GRANT USE SCHEMA, CREATE SERVICE ON SCHEMA main.team TO team');
  });
  afterEach(() => fixture.test.stop());
  afterAll(() => place.remove());

  const createProvider = (name = 'prov', caller: Caller = ada, config: object = providerBody()) =>
    fixture.services.create(
      'MODEL_PROVIDER_SERVICE',
      { catalog: 'main', schema: 'team', name, config: { ...config } },
      caller,
    );
  const createModel = (name = 'fast', caller: Caller = ada, config: object = modelBody('main.conf.openai')) =>
    fixture.services.create('MODEL_SERVICE', { catalog: 'main', schema: 'team', name, config: { ...config } }, caller);
  const provider = (name = 'main.team.prov') =>
    fixture.services.config().providerServices.find((one) => one.name === name);
  const model = (name = 'main.team.fast') => fixture.services.config().modelServices.find((one) => one.name === name);
  const may = (caller: Caller, name: string, kind: 'MODEL_SERVICE' | 'MODEL_PROVIDER_SERVICE' = 'MODEL_SERVICE') =>
    fixture.test.catalog.serviceRights(caller).mayExecute(kind, name);
  const codeOf = async (work: Promise<unknown>) => {
    try {
      await work;
      return 'done';
    } catch (error) {
      return error instanceof GatewayError ? error.code : String(error);
    }
  };

  return { fixture, createProvider, createModel, provider, model, may, codeOf };
}
