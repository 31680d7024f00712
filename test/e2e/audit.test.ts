import { readdir, readFile } from 'node:fs/promises';
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

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
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
