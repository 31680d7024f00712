import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from './load.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-identity-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function load(yaml: string) {
  const file = path.join(directory, 'gateway.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ file, env: {}, data: directory });
}

test('groups and service principals are read, with their defaults', async () => {
  const config = await load(`
groups:
  - name: platform
    members: [ada@example.com, ci]
    groups: [sre]
service_principals:
  - application_id: ci
  - { application_id: cd, display_name: Deploy, groups: [sre], active: false }
`);
  expect(config.groups).toEqual([{ name: 'platform', members: ['ada@example.com', 'ci'], groups: ['sre'] }]);
  expect(config.servicePrincipals).toEqual([
    { applicationId: 'ci', displayName: 'ci', groups: [], active: true },
    { applicationId: 'cd', displayName: 'Deploy', groups: ['sre'], active: false },
  ]);
});

test('there are none by default', async () => {
  expect(await load('{}')).toMatchObject({ groups: [], servicePrincipals: [] });
});

test.each([
  ['groups: [{ name: a }, { name: A }]', /groups\[1\]\.name: the .*already there|'A' is already there as groups\[0\]/],
  ['service_principals: [{ application_id: x }, { application_id: X }]', /already there as service_principals\[0\]/],
  ['users: [{ name: ci }]\nservice_principals: [{ application_id: CI }]', /'CI' is the name of a user/],
  ['users: [{ name: Admins }]', /'Admins' is the name of a group/],
  ['users: [{ name: ops }, { name: ada, groups: [OPS] }]', /'ops' is the name of a group/],
  ['service_principals: [{ application_id: ci }]\ngroups: [{ name: ci }]', /'ci' is the name of a group/],
  ['groups: [{ name: a, member: [b] }]', /member/],
])('%s is refused', async (yaml, message) => {
  await expect(load(yaml)).rejects.toThrow(message);
});
