import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { pollSql } from '../support/statements.ts';
import { call } from './support/http-call.ts';

const CANARY = 'canary-5b1d7f3e-never-to-be-seen';
const definition = {
  display_name: 'Paved path',
  default_agent: 'CODING_AGENT_CODEX',
  enabled_agents: [
    {
      agent: 'CODING_AGENT_CODEX',
      config: {
        custom_headers: { authorization: CANARY, 'x-api-key': CANARY },
        model_config: { codex: { default_model: 'system.ai.gpt-5' } },
      },
    },
  ],
};

const config = { users: [{ name: 'admin', groups: ['admins'] }] };

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ config: JSON.stringify(config) });
}, 120_000);
afterAll(() => gateway?.stop());

const rowsOf = (condition: string, least = 1) =>
  pollSql(
    gateway,
    `SELECT action_name, service_name, user_identity.email AS email, source_ip_address AS ip, error_code,
      response.status_code AS status, event_count, to_json(request_params) AS params
     FROM system.access.audit WHERE ${condition} ORDER BY event_time`,
    (rows) => rows.length >= least,
  );

it('a change becomes a row: who, what, before, after, from where; without its secrets', async () => {
  const base = `${gateway.url}/api/ai-gateway/v2`;
  const made = await call(`${base}/coding-agent-configs`, { token: gateway.token, body: JSON.stringify(definition) });
  expect(made.status, made.text).toBe(200);
  const changed = await call(`${base}/${made.json().name}?update_mask=display_name`, {
    method: 'PATCH',
    token: gateway.token,
    body: JSON.stringify({ display_name: 'Other' }),
  });
  expect(changed.status, changed.text).toBe(200);
  const [create, update] = await rowsOf("service_name = 'codingAgentConfigs'", 2);
  expect(create).toMatchObject({
    action_name: 'createCodingAgentConfig',
    email: 'admin',
    ip: '127.0.0.1',
    status: '200',
  });
  const params = JSON.parse(update?.['params'] ?? '{}') as Record<string, string>;
  expect(params['target']).toBe(made.json().name);
  expect(JSON.parse(params['before'] ?? '')).toMatchObject({ display_name: 'Paved path' });
  expect(JSON.parse(params['after'] ?? '')).toMatchObject({ display_name: 'Other' });
  expect(JSON.stringify([create, update])).not.toContain(CANARY);
});

it('a grant by SQL becomes a row as one by REST does, and so does what changes the catalog', async () => {
  const run = async (statement: string) => {
    const body = JSON.stringify({ statement, warehouse_id: 'default', wait_timeout: '30s' });
    const answer = await call(`${gateway.url}/api/2.0/sql/statements`, { token: gateway.token, body });
    expect(answer.json().status.state, answer.text).toBe('SUCCEEDED');
  };
  await run('CREATE SCHEMA main.audited');
  await run('GRANT USE SCHEMA ON SCHEMA main.audited TO `account users`');
  const rest = await call(`${gateway.url}/api/2.1/unity-catalog/schemas/main.audited`, {
    method: 'PATCH',
    token: gateway.token,
    body: JSON.stringify({ comment: 'by REST' }),
  });
  expect(rest.status, rest.text).toBe(200);
  const [create, grant, update] = await rowsOf("request_params['target'] LIKE '%main.audited'", 3);
  expect(create).toMatchObject({ action_name: 'createSchema', email: 'admin', ip: '127.0.0.1', status: '200' });
  expect(grant).toMatchObject({ action_name: 'updatePermissions', service_name: 'unityCatalog' });
  const after = (row: typeof grant) =>
    JSON.parse((JSON.parse(row?.['params'] ?? '{}') as Record<string, string>)['after'] ?? '');
  expect(after(grant)).toEqual({ 'account users': ['USE_SCHEMA'] });
  expect(after(update)).toMatchObject({ comment: 'by REST' });
});

it.each([
  ['OTLP', '/v1/logs', 'otel', 'exportLogs'],
  ['the protocol of SQL drivers', '/sql/1.0/warehouses/default', 'sql', 'callThriftWarehouse'],
])('a refusal on the paths of %s is a row, too', async (_, target, service, action) => {
  expect((await call(gateway.url + target, { token: 'ucg_nobody', body: '' })).status).toBe(401);
  const [row] = await rowsOf(`action_name = '${action}'`);
  expect(row).toMatchObject({ service_name: service, error_code: 'caller_unauthenticated', ip: '127.0.0.1' });
});

it('what another configuration changes becomes a row', async () => {
  const more = { users: [...config.users, { name: 'somebody-new@example.com', groups: ['admins'] }] };
  await writeFile(path.join(path.dirname(gateway.data), 'gateway.yaml'), JSON.stringify(more));
  const [row] = await rowsOf("action_name = 'reloadConfiguration'");
  expect(row).toMatchObject({ email: 'System-User', service_name: 'operations', status: '200' });
  const { target, before, after } = JSON.parse(row?.['params'] ?? '{}') as Record<string, string>;
  expect(target).toContain('gateway.yaml');
  expect(JSON.parse(before ?? '')).toEqual([]);
  expect(JSON.parse(after ?? '')).toEqual(['  somebody-new@example.com  admins']);
});

it('a change that was refused becomes a row, too', async () => {
  const answer = await call(`${gateway.url}/api/ai-gateway/v2/coding-agent-configs`, {
    token: gateway.token,
    body: '{}',
  });
  expect(answer.status).toBe(400);
  const [row] = await rowsOf("action_name = 'createCodingAgentConfig' AND error_code IS NOT NULL");
  expect(row).toMatchObject({ email: 'admin', error_code: 'caller_invalid_parameter', status: '400' });
});

it('refusals are rows, also of callers that nobody knows', async () => {
  await call(`${gateway.url}/api/2.0/sql/warehouses`, { token: `ucg_${CANARY}` });
  const [row] = await rowsOf("error_code = 'caller_unauthenticated'");
  expect(row).toMatchObject({ email: null, status: '401', ip: '127.0.0.1' });
});

it('no secret is in anything that was written on the way', async () => {
  const directory = path.join(gateway.data, 'spool-audit');
  for (const name of await readdir(directory)) {
    const bytes = await readFile(path.join(directory, name));
    expect(bytes.includes(CANARY), name).toBe(false);
    expect(bytes.includes(gateway.token), name).toBe(false);
  }
  expect(gateway.output()).not.toContain(CANARY);
});
