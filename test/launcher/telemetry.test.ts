// `ucode configure telemetry`: what it makes, what it remembers, what agents are told from then on, and what is left of it.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { call } from '../e2e/support/http-call.ts';
import { tokenFor } from '../e2e/support/token-for.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, type Laptop } from '../support/laptop.ts';
import { runSql } from '../support/statements.ts';

/** Agents that say how they were started. */
const ECHO = '#!/bin/sh\nfor word in "$@"; do echo "ARG $word"; done\nenv | grep -E "OTEL|TELEMETRY" | sort\nexit 0\n';
const MODEL = 'system.ai.gpt-5-5';
const SIGNALS = ['metrics', 'logs', 'spans'];

let gateway: Gateway;
let adaToken: string;
let laptop: Laptop;
beforeAll(async () => {
  const config = { users: [{ name: 'root', groups: ['admins'] }, { name: 'Ada.L@example.com' }] };
  gateway = await startGateway({ config: JSON.stringify(config) });
  adaToken = await tokenFor(gateway, 'Ada.L@example.com');
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  laptop = openLaptop();
  for (const agent of ['claude', 'codex', 'copilot']) laptop.program(agent, { script: ECHO });
  await laptop.signIn(gateway);
});
afterEach(() => laptop.close());

const telemetry = (...args: readonly string[]) => laptop.ucode(['configure', 'telemetry', ...args]);

/** What is remembered for the workspace. */
function remembered(): unknown {
  const settings = JSON.parse(readFileSync(path.join(laptop.home, '.ucode', 'settings.json'), 'utf8'));
  return Object.values<any>(settings.workspaces)[0]?.telemetry;
}

async function tablesLike(prefix: string): Promise<string[]> {
  const rows = await runSql(gateway, `SHOW TABLES IN main.default`);
  const names = rows.map((row) => Object.values(row).find((value) => value?.startsWith(`${prefix}_otel_`)));
  return names.filter((name) => name !== undefined && name !== null).toSorted();
}

it('makes the tables once, remembers them, and says who exports what', async () => {
  const first = await telemetry('--table-prefix', 'main.default.once');
  expect(first.code, first.stderr).toBe(0);
  for (const signal of SIGNALS) expect(first.stderr).toContain(`main.default.once_otel_${signal} was made`);
  expect(first.stdout).toMatch(/Claude Code\s+metrics, logs, traces/);
  expect(first.stdout).toMatch(/Pi\s+nothing/);
  expect(await tablesLike('once')).toHaveLength(3);
  const again = await telemetry('--json');
  expect(again.code, again.stderr).toBe(0);
  const answer = JSON.parse(again.stdout);
  expect(answer).toMatchObject({ workspace: gateway.url, tablePrefix: 'main.default.once' });
  expect(answer.tables).toContainEqual({ signal: 'traces', name: 'main.default.once_otel_spans', created: false });
  expect(answer.agents.find(({ id }: { id: string }) => id === 'opencode')).toEqual({
    id: 'opencode',
    name: 'OpenCode',
    tables: { logs: 'main.default.once_otel_logs', traces: 'main.default.once_otel_spans' },
    withoutUcode: false,
  });
  expect(remembered()).toEqual({ tablePrefix: 'main.default.once' });
});

it.each(['agents', 'main.agents', 'main.default.a-b', "main.default.x'; DROP", 'a.b.c.d', 'main.default.x\u001b[31m'])(
  'refuses the prefix %j',
  async (prefix) => {
    const run = await telemetry('--table-prefix', prefix);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('is not catalog.schema.prefix');
    expect(run.stderr).not.toContain('\u001b');
    expect(remembered()).toBeUndefined();
  },
);

it.each([
  [['--table-prefix', 'nowhere.default.x'], 1, /nowhere/],
  [['--agents', 'pi'], 2, /Pi exports no telemetry/],
  [['--agents', 'nobody'], 2, /There is no agent 'nobody'/],
  [['--disable', '--table-prefix', 'main.default.x'], 2, /not both/],
] as const)('%j changes nothing and says why', async (args, code, why) => {
  const run = await telemetry(...args);
  expect(run.code, run.stderr).toBe(code);
  expect(run.stderr).toMatch(why);
  expect(remembered()).toBeUndefined();
});

it('tells agents at their launch, through the loopback proxy, and no longer once it is off', async () => {
  await telemetry('--table-prefix', 'main.default.launch');
  const codex = await laptop.ucode(['codex', 'exec', 'hi']);
  const told =
    /ARG otel\.exporter=\{otlp-http=\{endpoint="http:\/\/127\.0\.0\.1:(\d+)\/api\/2\.0\/otel\/v1\/logs"/.exec(
      codex.stdout,
    );
  expect(told?.[1], codex.stdout).not.toBe(new URL(gateway.url).port);
  expect(codex.stdout).toMatch(/ARG exec\nARG hi\n/);
  expect(codex.stdout).not.toContain(gateway.token);
  const others = { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=other', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://other' };
  const copilot = await laptop.ucode(['copilot'], { env: others });
  expect(copilot.stdout).toMatch(/^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:\d+\/api\/2\.0\/otel$/m);
  expect(copilot.stdout).not.toContain('api-key');
  expect(copilot.stdout).not.toContain('http://other');
  await telemetry('--disable');
  for (const agent of ['codex', 'copilot']) expect((await laptop.ucode([agent])).stdout).not.toMatch(/otel/i);
});

it('is taken out of every file again, to the byte, and what was there before is back', async () => {
  const user =
    '{\n  // mine\n  "env": { "OTEL_LOGS_EXPORTER": "console", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=other" }\n}\n';
  mkdirSync(path.join(laptop.home, '.claude'));
  writeFileSync(path.join(laptop.home, '.claude', 'settings.json'), user);
  const own = { without: /^\.ucode\/(journal|cache|locks)/ };
  const configure = ['configure', '--agents', 'claude', '--skip-validate'];
  for (const more of [[], ['--global']]) expect(await laptop.ucode([...configure, ...more])).toMatchObject({ code: 0 });
  const before = laptop.snapshot(own);
  await telemetry('--table-prefix', 'main.default.bytes');
  for (const name of ['ucode-settings.json', 'settings.json']) {
    const text = readFileSync(path.join(laptop.home, '.claude', name), 'utf8');
    const settings = JSON.parse(text.replace('// mine', ''));
    expect(settings.env).toMatchObject({ OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_HEADERS: '' });
    expect(settings.otelHeadersHelper).toMatch(/ --otel-headers$/);
    expect(settings.env.OTEL_EXPORTER_OTLP_LOGS_HEADERS).toContain('main.default.bytes_otel_logs');
  }
  const off = await telemetry('--disable');
  expect(off.code, off.stderr).toBe(0);
  expect(laptop.snapshot(own)).toEqual(before);
  await laptop.ucode(['revert']);
  expect(readFileSync(path.join(laptop.home, '.claude', 'settings.json'), 'utf8')).toBe(user);
});

it('can be for some agents', async () => {
  await telemetry('--table-prefix', 'main.default.some', '--agents', 'codex,claude');
  expect((await laptop.ucode(['copilot'])).stdout).not.toContain('OTEL');
  expect((await laptop.ucode(['codex'])).stdout).toContain('otel.exporter');
  const off = await telemetry('--disable', '--agents', 'codex');
  expect(off.stdout).toMatch(/Codex CLI\s+nothing/);
  expect(remembered()).toEqual({ tablePrefix: 'main.default.some', agents: ['claude'] });
  expect((await laptop.ucode(['codex'])).stdout).not.toContain('otel.exporter');
  await telemetry('--disable', '--agents', 'claude');
  expect(remembered()).toBeUndefined();
});

it("prints Claude Code's headers as the JSON it asks for", async () => {
  const run = await laptop.ucode(['auth-token', '--host', gateway.url, '--otel-headers']);
  expect(run).toEqual({ code: 0, stdout: `{"Authorization":"Bearer ${gateway.token}"}\n`, stderr: '' });
});

it('makes the tables in SQL in a workspace that has no route for it', async () => {
  const workspace = http.createServer((request, response) => {
    if (request.url === '/api/2.0/otel/tables') {
      const body = { error_code: 'ENDPOINT_NOT_FOUND', message: "No API found for 'POST /otel/tables'" };
      return void response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
    const { method, headers, url } = request;
    const passed = http.request(gateway.url + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => workspace.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(workspace.address() as AddressInfo).port}`;
  try {
    await laptop.signIn({ url, token: gateway.token });
    const run = await telemetry('--table-prefix', 'main.default.by_sql', '--workspace', url);
    expect(run.code, run.stderr).toBe(0);
    expect(await tablesLike('by_sql')).toHaveLength(3);
    for (const signal of ['metrics', 'logs', 'traces']) {
      const table = `main.default.by_sql_otel_${signal === 'traces' ? 'spans' : signal}`;
      const headers = { 'content-type': 'application/json', 'x-databricks-uc-table-name': table };
      const options = { method: 'POST', token: gateway.token, headers, body: '{}' };
      expect((await call(`${gateway.url}/api/2.0/otel/v1/${signal}`, options)).status, signal).toBe(200);
    }
  } finally {
    workspace.closeAllConnections();
    await new Promise((resolve) => workspace.close(resolve));
  }
});

it('somebody who may not write to the tables hears it now, and may once it is granted', async () => {
  await telemetry('--table-prefix', 'main.default.shared');
  await telemetry('--disable');
  await laptop.signIn({ url: gateway.url, token: adaToken });
  const refused = await telemetry('--table-prefix', 'main.default.shared');
  expect(refused.code, refused.stderr).toBe(1);
  expect(refused.stderr).toContain('ask for MODIFY and SELECT');
  expect(remembered()).toBeUndefined();
  for (const signal of SIGNALS)
    await runSql(gateway, `GRANT MODIFY, SELECT ON TABLE main.default.shared_otel_${signal} TO \`Ada.L@example.com\``);
  const granted = await telemetry('--table-prefix', 'main.default.shared');
  expect(granted.code, granted.stderr).toBe(0);
});

it('everybody has tables of their own where none are named', async () => {
  await laptop.signIn({ url: gateway.url, token: adaToken });
  const run = await telemetry();
  expect(run.code, run.stderr).toBe(0);
  expect(remembered()).toEqual({ tablePrefix: 'main.default.ada_l_example_com' });
});

it('admins may publish where it goes, and a launch follows', async () => {
  const url = `${gateway.url}/api/ai-gateway/v2/coding-agent-configs`;
  const config = {
    display_name: 'Ours',
    default_agent: 'CODING_AGENT_CODEX',
    enabled_agents: [{ agent: 'CODING_AGENT_CODEX', config: { model_config: { codex: { default_model: MODEL } } } }],
    tracing: { table: 'main.default.published' },
  };
  const headers = { 'content-type': 'application/json' };
  const made = await call(url, { method: 'POST', token: gateway.token, headers, body: JSON.stringify(config) });
  expect(made.status, made.text).toBe(200);
  try {
    expect((await laptop.ucode(['codex'])).stdout).toContain('otel.exporter');
    const on = await telemetry('--json');
    expect(JSON.parse(on.stdout)).toMatchObject({ tablePrefix: 'main.default.published' });
    const off = await telemetry('--disable');
    expect(off.stderr).toContain('it goes on');
  } finally {
    await call(`${gateway.url}/api/ai-gateway/v2/${made.json().name}`, { method: 'DELETE', token: gateway.token });
  }
});
