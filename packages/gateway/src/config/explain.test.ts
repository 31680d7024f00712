import { expect, test } from 'vitest';
import { explainConfig } from './explain.ts';
import { loadConfig } from './load.ts';
import { load, smallFile, testingFile } from './testing-file.ts';

test('says every setting and where it is from', async () => {
  const file = testingFile(`${smallFile}server: { max_attempts: 3, idle_timeout: 90s }\n`);
  const text = explainConfig(await loadConfig({ file, port: 1, env: { UCODE_GATEWAY_HOST: '0.0.0.0' } }));
  expect(text).toContain(`Made from: ${file}, UCODE_GATEWAY_HOST`);
  expect(text).toMatch(/^ {2}host +0\.0\.0\.0 {2}\(UCODE_GATEWAY_HOST\)$/m);
  expect(text).toMatch(/^ {2}port +1 {2}\(--port\)$/m);
  expect(text).toMatch(/^ {2}max_attempts +3 {2}\(file\)$/m);
  expect(text).toMatch(/^ {2}idle_timeout +90s {2}\(file\)$/m);
  expect(text).toMatch(/^ {2}max_body_bytes +64MiB {2}\(default\)$/m);
  expect(text).toMatch(/main\.team\.fast\n {4}to gpt-5\.5 at main\.default\.one/);
});

test('shows no secret: literal, referred to, from the environment, or within an address', async () => {
  const literal = explainConfig(await load(smallFile));
  expect(literal).toContain('api_key=***');
  expect(literal).not.toContain('sk-literal');

  const referred = smallFile.replace(
    'sk-literal',
    '"${env:KEY}"\n          base_url: https://host.example/${env:PART}/v1',
  );
  const shown = explainConfig(await load(referred, { KEY: 'sk-from-env', PART: 'secret-part' }));
  expect(shown).toContain('base_url=https://host.example/***/v1');
  expect(shown).not.toMatch(/sk-from-env|secret-part/);

  const automatic = explainConfig(await loadConfig({ env: { OPENAI_API_KEY: 'sk-automatic' } }));
  expect(automatic).toContain('model_provider_services  (OPENAI_API_KEY)');
  expect(automatic).not.toContain('sk-automatic');
});

test('nothing that serialises a configuration meets where it is from', async () => {
  const config = await load(`${smallFile}users: [{ name: "\${env:WHO}" }]\n`, { WHO: 'ada' });
  expect(Object.keys(config).toSorted()).toEqual([
    'budgets',
    'encryption',
    'groups',
    'identity',
    'lake',
    'limits',
    'modelServices',
    'notifications',
    'prices',
    'providerServices',
    'server',
    'servicePrincipals',
    'sources',
    'sql',
    'state',
    'users',
  ]);
});
