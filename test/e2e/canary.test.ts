// Secrets go into the gateway in every way there is, through success and failure. Then everything it wrote is searched for
// them: logs, metrics, answers, the store, spools, tables.
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startGateway } from '../support/gateway-process.ts';
import { pollSql } from '../support/statements.ts';
import { demoModels, demoServices } from './support/governed-config.ts';
import { call, type CallResult } from './support/http-call.ts';

const secrets = {
  'provider key of the configuration': 'sk-canary-provider-configuration-1f9a',
  'provider key by API': 'sk-canary-provider-api-2b7c',
  'provider key written into gateway.yaml': 'canary-inline-provider-key-2e8d',
  'SMTP password': 'canary-smtp-password-3d5e',
  'webhook secret': 'canary-webhook-secret-4f1a',
  'SSO client secret': 'canary-sso-client-secret-5c8d',
  'OAuth client secret': 'canary-oauth-client-secret-6e2b',
  'password of a user': 'canary-password-of-ada-7a4c',
  'a wrong password': 'canary-wrong-password-8b3d',
  'a wrong token': 'ucg_canaryWrongToken9c5eAAAAAAAAAAAAAAAAAAAAAAA',
  'a token in the URL': 'ucg_canaryInTheUrl0d6fAAAAAAAAAAAAAAAAAAAAAAAA',
  "the caller's own credential": 'sk-ant-canary-of-the-caller-1e7a',
};

const settings = {
  server: { log_level: 'trace', allowed_private_networks: ['127.0.0.0/8'] },
  users: [{ name: 'root', groups: ['admins'] }, { name: 'ada' }],
  ...demoServices([]),
  model_provider_services: [
    { name: 'main.default.demo', config: { demo: { direct: {} }, allow_all_targets: true } },
    {
      name: 'main.default.closed',
      config: {
        openai_compatible: { direct: { base_url: 'http://127.0.0.1:9/v1', api_key: '${env:CANARY_PROVIDER}' } },
        allow_all_targets: true,
      },
    },
  ],
  identity: {
    sso: [
      {
        id: 'company',
        name: 'Company',
        issuer: 'http://127.0.0.1:9/realm',
        client_id: 'gateway',
        client_secret: '${env:CANARY_SSO}',
        allowed_private_networks: ['127.0.0.0/8'],
      },
    ],
    oauth: {
      clients: [
        {
          client_id: 'portal',
          name: 'Portal',
          redirect_uris: ['https://portal.example.com/cb'],
          secret: '${env:CANARY_CLIENT}',
        },
      ],
    },
  },
  notifications: {
    smtp: {
      host: '127.0.0.1',
      port: 9,
      user: 'u',
      password: '${env:CANARY_SMTP}',
      from: 'g@example.com',
      tls: 'never',
    },
    webhooks: [{ url: 'http://127.0.0.1:9/hook', secret: '${env:CANARY_HOOK}' }],
  },
};
const config = JSON.stringify(settings);

/** Another one that is taken into force, with a provider whose key stands in the file. */
const changed = JSON.stringify({
  ...settings,
  model_provider_services: [
    ...settings.model_provider_services,
    {
      name: 'main.default.inline',
      config: {
        openai: { direct: { api_key: secrets['provider key written into gateway.yaml'] } },
        allow_all_targets: true,
      },
    },
  ],
});

/** Ways in which a secret might be written. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')];
}

/** Every file below a directory, as bytes read one by one. */
function bytesBelow(directory: string): [string, string][] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => [path.relative(directory, file), readFileSync(file).toString('latin1')]);
}

it('no secret is written down, told or logged', { timeout: 120_000 }, async () => {
  const gateway = await startGateway({
    config,
    env: {
      CANARY_PROVIDER: secrets['provider key of the configuration'],
      CANARY_SSO: secrets['SSO client secret'],
      CANARY_CLIENT: secrets['OAuth client secret'],
      CANARY_SMTP: secrets['SMTP password'],
      CANARY_HOOK: secrets['webhook secret'],
    },
  });
  const answers: string[] = [];
  const send = async (target: string, options: Parameters<typeof call>[1] = {}): Promise<CallResult> => {
    const answer = await call(gateway.url + target, { token: gateway.token, ...options });
    answers.push(`${JSON.stringify(answer.headers)}\n${answer.text}`);
    return answer;
  };
  const chat = JSON.stringify({ model: `system.ai.${demoModels.gpt}`, messages: [{ role: 'user', content: 'hi' }] });
  const chatPath = '/ai-gateway/mlflow/v1/chat/completions';
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  expect((await send(chatPath, { body: chat })).status).toBe(200);
  // The provider is away: its key is in a request that fails.
  const closed = { 'databricks-model-provider-service': 'main.default.closed' };
  expect((await send(chatPath, { body: chat, headers: closed })).status).toBe(502);
  expect((await send(chatPath, { body: chat, token: secrets['a wrong token'] })).status).toBe(401);
  expect((await send(`${chatPath}?access_token=${secrets['a token in the URL']}`, { body: chat })).status).toBe(401);
  const own = { 'x-databricks-ai-gateway-token': `Bearer ${gateway.token}` };
  await send(chatPath, { body: chat, token: secrets["the caller's own credential"], headers: own });

  const base = '/api/2.1/unity-catalog/model-provider-services';
  const direct = { api_key: { plaintext: secrets['provider key by API'] }, base_url: 'https://api.example.com/v1' };
  const block = { openai: { direct } };
  const made = await send(`${base}?parent=schemas/main.default&model_provider_service_id=canary`, {
    body: JSON.stringify({ config: block }),
  });
  expect(made.status, made.text).toBe(200);
  await send(`${base}/main.default.canary`);
  // Refused: a key where there is no place for one.
  await send(`${base}?parent=schemas/main.default&model_provider_service_id=broken`, {
    body: JSON.stringify({ config: { openai: { direct: { ...direct, no_such_key: direct.api_key } } } }),
  });

  const users = '/api/2.0/preview/scim/v2/Users';
  const password = secrets['password of a user'];
  const eve = await send(users, { body: JSON.stringify({ userName: 'eve@example.com', password }) });
  expect(eve.status, eve.text).toBe(201);
  const basic = (id: string, secret: string) => ({
    ...form,
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  });
  const grant = 'grant_type=client_credentials&scope=all-apis';
  await send('/oidc/v1/token', { body: grant, headers: basic('portal', secrets['OAuth client secret']) });
  await send('/oidc/v1/token', { body: grant, headers: basic('nobody', secrets['a wrong password']) });
  await send('/oidc/sso/company/callback?code=x&state=y');
  await writeFile(path.join(path.dirname(gateway.data), 'gateway.yaml'), changed);
  // Tables are compressed: what is in them is asked for.
  const reader = { url: gateway.url, token: gateway.token };
  const audited = await pollSql(reader, 'SELECT * FROM system.access.audit', (rows) =>
    ['reloadConfiguration', 'createModelProviderService', 'refuseInference'].every((action) =>
      rows.some((row) => row['action_name'] === action),
    ),
  );
  const used = await pollSql(reader, 'SELECT * FROM system.ai_gateway.usage', (rows) => rows.length > 1);
  expect(audited.map((row) => row['action_name'])).toContain('reloadConfiguration');
  expect(used.length).toBeGreaterThan(1);
  const minted = await send('/api/2.0/token/create', { body: '{"comment":"canary"}' });
  const { token_value: pat } = minted.json();
  await send('/api/2.0/token/list');
  await send('/api/openapi.json');
  answers.push((await call(`${gateway.url}/metrics`)).text);

  const { data } = gateway;
  const log = gateway.output();
  process.kill(gateway.pid, 0);
  const files = bytesBelow(data);
  const places: [string, string][] = [
    ['the log', log],
    ['the audit table', JSON.stringify(audited)],
    ['the usage table', JSON.stringify(used)],
    // The one answer that shows a token is the one that makes it.
    ...answers.filter((text) => !text.includes('token_value')).map((text): [string, string] => ['an answer', text]),
    ...files.filter(([file]) => file !== 'encryption.key'),
  ];
  expect(files.some(([file]) => file.startsWith('state.db'))).toBe(true);
  const found = Object.entries({ ...secrets, 'a token by API': pat }).flatMap(([name, secret]) =>
    places
      .filter(([, text]) => forms(secret).some((one) => text.includes(one)))
      .map(([place]) => `${name} in ${place}`),
  );
  await gateway.stop();
  expect(found).toEqual([]);
});
