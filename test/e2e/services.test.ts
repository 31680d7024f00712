import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachDialect } from './support/dialect-cases.ts';
import { providerKey, startScriptedGateway, type ScriptedGateway } from './support/scripted-gateway.ts';
import { speaks } from './support/scripts.ts';
import { tokenFor } from './support/token-for.ts';

const KEY = 'sk-canary-of-the-api';
const OWN = 'Bearer sk-ant-oat01-canary-of-the-caller';
const base = '/api/2.1/unity-catalog';
const anthropic = eachDialect.find(([name]) => name === 'anthropic-messages')![1];

let lab: ScriptedGateway;
let bob: string;
beforeAll(async () => {
  lab = await startScriptedGateway(() => ({
    users: [{ name: 'root', groups: ['admins'] }, { name: 'bob' }],
  }));
  bob = await tokenFor(lab.gateway, 'bob');
});
afterAll(() => lab?.stop());

async function rest(method: string, target: string, body: object = {}) {
  const answer = await lab.call(`${base}/${target}`, { method, body: JSON.stringify(body) });
  expect(answer.text).not.toContain('canary');
  return { status: answer.status, body: answer.json() };
}

function makeProvider(name: string, block: object) {
  const target = `model-provider-services?parent=schemas/main.test&model_provider_service_id=${name}`;
  return rest('POST', target, { config: { anthropic: block } });
}

function ask(model: string, headers: Record<string, string>, token?: string) {
  lab.upstream.play(speaks(anthropic, false));
  const body = JSON.stringify({ model, max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] });
  return lab.call('/ai-gateway/anthropic/v1/messages', { body, headers, ...(token === undefined ? {} : { token }) });
}

it('serves a model service made by API at once, to those who may execute it', async () => {
  await makeProvider('direct', { direct: { api_key: { plaintext: KEY }, base_url: lab.upstream.url } });
  const external = {
    model_provider_service: 'model-provider-services/main.test.direct',
    target: { model: 'claude-x' },
  };
  const config = { routing: { destinations: [{ name: 'd', external_model_config: external }] } };
  const made = await rest('POST', 'model-services?parent=schemas/main.test&model_service_id=made', { config });
  expect(made.status).toBe(200);

  expect((await ask('main.test.made', {})).status).toBe(200);
  expect(lab.upstream.requests[0]?.headers).toMatchObject({ 'x-api-key': KEY });

  const hidden = await ask('main.test.made', {}, bob);
  expect(hidden.status).toBe(404);
  const unknown = await ask('main.test.none', {}, bob);
  expect(hidden.json().error).toEqual({
    ...unknown.json().error,
    message: unknown.json().error.message.replace('none', 'made'),
  });
  const permissions = `permissions/model_service/main.test.made`;
  await rest('PATCH', permissions, { changes: [{ principal: 'bob', add: ['EXECUTE'] }] });
  expect((await ask('main.test.made', {}, bob)).status).toBe(200);
  await rest('PATCH', permissions, { changes: [{ principal: 'bob', remove: ['EXECUTE'] }] });
  expect((await ask('main.test.made', {}, bob)).status).toBe(404);

  await rest('DELETE', 'model-provider-services/main.test.direct');
  const dangling = await ask('main.test.made', {});
  expect(dangling.status).toBe(400);
  expect(lab.upstream.requests).toHaveLength(0);
});

it('passes the credential of a caller on to a relayed provider, and the token of the gateway never', async () => {
  expect(await makeProvider('relay', { relayed: { base_url: lab.upstream.url } })).toMatchObject({ status: 200 });
  const provider = { 'databricks-model-provider-service': 'main.test.relay' };
  const swapped = { ...provider, 'x-databricks-ai-gateway-token': `Bearer ${lab.gateway.token}`, authorization: OWN };

  expect((await ask('claude-opus-4-8', swapped)).status).toBe(200);
  const [sent] = lab.upstream.requests;
  expect(sent?.headers.authorization).toBe(OWN);
  expect(JSON.stringify(sent?.headers)).not.toContain(lab.gateway.token);

  for (const headers of [provider, { ...swapped, authorization: `Bearer ${lab.gateway.token}` }]) {
    expect((await ask('claude-opus-4-8', headers)).status).toBe(400);
    expect(lab.upstream.requests).toHaveLength(0);
  }
  const elsewhere = { ...swapped, 'databricks-model-provider-service': 'main.test.anthropic' };
  expect((await ask('claude-opus-4-8', elsewhere)).status).toBe(200);
  expect(lab.upstream.requests[0]?.headers).toMatchObject({ 'x-api-key': providerKey });
  expect(JSON.stringify(lab.upstream.requests[0]?.headers)).not.toContain('canary');
});

it('keeps no credential in plain, neither on disk nor in what it says', () => {
  expect(lab.gateway.output()).not.toContain('canary');
  const files = readdirSync(lab.gateway.data, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files.map(({ name }) => name)).toContain('encryption.key');
  for (const { parentPath, name } of files) {
    expect(readFileSync(path.join(parentPath, name)).includes('canary'), name).toBe(false);
  }
});
