import { describe, expect, it } from 'vitest';
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

describe('every list', () => {
  const paths = [...restRoutes, ...modelListRoutes].map((route) => route.path).filter((path) => !path.includes('{'));

  it.each(paths)('%s answers an empty configuration', async (path) => {
    const config = testingConfig({ modelServices: [], providerServices: [] });
    expect(await call([...restRoutes, ...modelListRoutes], path, { config })).toMatchObject({ status: 200 });
  });

  it.each(paths)('%s shows no secret', async (path) => {
    const answer = await call([...restRoutes, ...modelListRoutes], path);
    expect(JSON.stringify(answer)).not.toContain(testingSecret);
  });
});
