import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCatalog } from '../../unity/testing/open-catalog.ts';
import { call, testingConfig, testingSecret } from '../rest/testing-config.ts';
import { restRoutes } from '../rest/index.ts';
import { modelListRoutes } from './index.ts';

describe('warm-up of Claude Code', () => {
  it.each(['/ai-gateway/anthropic', '/ai-gateway/anthropic/api/hello'])(
    '%s is 200 and empty for anybody',
    async (path) => {
      expect(await call(modelListRoutes, path, { request: { principal: undefined, method: 'HEAD' } })).toEqual({
        status: 200,
        body: undefined,
      });
      expect(modelListRoutes.find((route) => route.path === path)).toMatchObject({ public: true });
    },
  );

  it('is all of /ai-gateway that needs no token', () => {
    expect(modelListRoutes.filter((route) => route.public)).toHaveLength(2);
  });
});

/** Lists that are not of what the configuration declares; their own tests have them. */
const elsewhere = new Set(['scim', 'tokens', 'tokenManagement', 'budgets', 'codingAgentConfigs', 'invoices']);

describe('every list', () => {
  const paths = [...restRoutes, ...modelListRoutes]
    .filter(({ method, path }) => method === 'GET' && !path.includes('{'))
    .filter(({ describe: described }) => !elsewhere.has(described?.tag ?? ''))
    .map(({ path }) => path);
  let test: TestCatalog;

  beforeAll(async () => {
    test = await TestCatalog.open();
    await test.catalog.ensureSchemas(testingConfig().modelServices.map(({ name }) => name));
    test.catalog.services.configure(testingConfig());
    await test.run('CREATE TABLE main.default.t (a INT)');
  });
  afterAll(() => test.close());

  /** The lists of Unity Catalog are of one schema; the others do not know these parameters. */
  const target = (path: string): string => `${path}?catalog_name=main&schema_name=default`;

  it.each(paths)('%s answers an empty configuration', async (path) => {
    const config = testingConfig({ modelServices: [], providerServices: [] });
    const context = { catalog: test.catalog };
    expect(await call([...restRoutes, ...modelListRoutes], target(path), { config, context })).toMatchObject({
      status: 200,
    });
  });

  it.each(paths)('%s shows no secret', async (path) => {
    const answer = await call([...restRoutes, ...modelListRoutes], target(path), {
      context: { catalog: test.catalog },
    });
    expect(JSON.stringify(answer)).not.toContain(testingSecret);
  });
});
