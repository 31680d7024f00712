import { expect, it } from 'vitest';
import { restRoutes } from './index.ts';
import { bodyOf, call } from './testing-config.ts';
import { wellKnownRoutes as routes } from './well-known.ts';

it('describes the host as the caller sees it, to anybody', async () => {
  const answer = call(routes, '/.well-known/databricks-config', {
    request: { principal: undefined, origin: 'https://gateway.example' },
  });
  expect(await bodyOf(answer)).toEqual({
    oidc_endpoint: 'https://gateway.example/oidc',
    workspace_id: '1234567890',
    host_type: 'workspace',
  });
});

it('and the description of the API are all of the control plane that needs no token', () => {
  expect(restRoutes.filter((route) => route.public).map((route) => route.path)).toEqual([
    '/.well-known/databricks-config',
    '/api/openapi.json',
  ]);
});
