import { expect, it } from 'vitest';
import { scimMeRoutes as routes } from './scim-me.ts';
import { bodyOf, call } from './testing-config.ts';

const path = '/api/2.0/preview/scim/v2/Me';

it('says who is calling', async () => {
  expect(await bodyOf(call(routes, path))).toMatchObject({
    id: '42',
    userName: 'ada@example.com',
    active: true,
    emails: [{ value: 'ada@example.com' }],
    groups: [{ display: 'admins' }, { display: 'team' }],
  });
});

it('tells nothing of the token', async () => {
  expect(JSON.stringify(await bodyOf(call(routes, path)))).not.toContain('t1');
});

it('needs a principal', async () => {
  await expect(call(routes, path, { request: { principal: undefined } })).rejects.toMatchObject({ status: 401 });
});
