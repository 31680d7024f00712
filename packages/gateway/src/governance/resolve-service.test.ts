import { describe, expect, it } from 'vitest';
import type { ModelProviderService, ModelService } from '../config/gateway-config.ts';
import { ServiceIndex } from '../config/service-index.ts';
import { declaredRecord } from '../config/service-record.ts';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { ServiceRights } from '../unity/catalog.ts';
import { resolveService, type ServiceRequest } from './resolve-service.ts';

const provider = (name: string, given: Partial<ModelProviderService> = {}): ModelProviderService => ({
  ...declaredRecord(),
  name,
  comment: undefined,
  provider: 'openai',
  options: {},
  targets: [],
  allowAllTargets: true,
  ...given,
});
const model = (name: string, given: Partial<ModelService> = {}): ModelService => ({
  ...declaredRecord(),
  name,
  comment: undefined,
  tags: {},
  destinations: [{ name: 'd', providerService: 'main.p.one', model: `target-of-${name}`, trafficPercentage: 100 }],
  fallbacks: [],
  firstTokenTimeoutMs: undefined,
  inferenceTable: undefined,
  ...given,
});

const services = [model('system.ai.gpt-5-5'), model('main.team.gpt-5-5'), model('main.team.secret')];
const providerServices = [
  provider('main.p.one'),
  provider('main.p.narrow', { allowAllTargets: false, targets: [{ model: 'a', nativeApiTypes: [] }] }),
];

function resolve(given: Partial<ServiceRequest>, allowed: (name: string) => boolean = () => true) {
  const rights: ServiceRights = {
    mayExecute: (_kind, name) => allowed(name),
    maySee: () => true,
    mayManage: () => true,
  };
  const config = { modelServices: services, providerServices } as never;
  try {
    const found = resolveService({
      snapshot: { config, services: new ServiceIndex(services) },
      rights: () => rights,
      principal: { userName: 'ada', groups: [] },
      model: 'gpt-5-5',
      providerHeader: undefined,
      ...given,
    });
    return found.service.name;
  } catch (error) {
    const { code, message } = error as GatewayError;
    return `${code}: ${message}`;
  }
}

describe('a model service', () => {
  it('that may not be executed is answered as one that does not exist', () => {
    const hidden = resolve({ model: 'main.team.secret' }, (name) => name !== 'main.team.secret');
    const unknown = resolve({ model: 'main.team.unknown' });
    expect(hidden).toBe(unknown.replace('unknown', 'secret'));
    expect(hidden).toMatch(/^caller_model_not_found/);
  });

  it('is found by its short name among those that may be executed', () => {
    expect(resolve({})).toBe('system.ai.gpt-5-5');
    expect(resolve({}, (name) => name.startsWith('main.'))).toBe('main.team.gpt-5-5');
    expect(resolve({}, () => false)).toMatch(/^caller_model_not_found/);
  });

  it.each([
    ['main.team', 'main.team.gpt-5-5'],
    ['schemas/main.team', 'main.team.gpt-5-5'],
    ['MAIN.Team', 'main.team.gpt-5-5'],
    ['system.ai', 'system.ai.gpt-5-5'],
  ])('is looked for in the schema of the header: %s', (header, name) => {
    expect(resolve({ parentSchemaHeader: header })).toBe(name);
  });

  it('of another schema than the header is not there', () => {
    expect(resolve({ parentSchemaHeader: 'main.tea' })).toMatch(/^caller_model_not_found/);
    expect(resolve({ parentSchemaHeader: 'main.team', model: 'other.team.secret' })).toMatch(/^caller_model_not_found/);
  });

  it.each(['main', 'a.b.c', 'main. team', ['main.team', 'main.team'], 'main/team.x', ''])(
    'wants a schema in the header',
    (header) => {
      expect(resolve({ parentSchemaHeader: header })).toMatch(/^caller_invalid_parameter/);
    },
  );

  it('with a deleted destination is refused', () => {
    const destinations = [
      { name: 'gone\n', providerService: 'main.p.old', model: 'x', trafficPercentage: 1, isDeleted: true },
      { name: 'here', providerService: 'main.p.one', model: 'x', trafficPercentage: 99 },
    ];
    const snapshot = { config: {} as never, services: new ServiceIndex([model('main.team.broken', { destinations })]) };
    const refusal = resolve({ snapshot, model: 'main.team.broken' });
    expect(refusal).toMatch(/^caller_invalid_state: The destination 'gone\?' of 'main\.team\.broken' was deleted/);
  });
});

describe('a provider service in the header', () => {
  it('is called directly', () => {
    expect(resolve({ providerHeader: 'main.p.one', model: 'anything' })).toBe('main.p.one');
  });

  it('that may not be executed is answered as one that does not exist', () => {
    const hidden = resolve({ providerHeader: 'main.p.narrow', model: 'b' }, () => false);
    expect(hidden).toBe(resolve({ providerHeader: 'main.p.unknown' }).replace('unknown', 'narrow'));
    expect(resolve({ providerHeader: 'main.p.narrow', model: 'b' })).toMatch(/is not a target/);
  });

  it.each(['main.p', 'a.b.c.d', '', 'a b.c.d', "main.p.one'--", ['main.p.one', 'main.p.one']])(
    'has a full name',
    (header) => {
      expect(resolve({ providerHeader: header })).toMatch(/^caller_(invalid_parameter|not_found)/);
    },
  );
});
