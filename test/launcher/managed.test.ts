// Admins publish what agents are set up with; everybody's launches follow.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { budget } from '../e2e/support/governed-config.ts';
import { call } from '../e2e/support/http-call.ts';
import { tokenFor } from '../e2e/support/token-for.ts';
import { waitFor } from '../e2e/support/wait-for.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, type Laptop } from '../support/laptop.ts';

const CONFIGS = '/api/ai-gateway/v2/coding-agent-configs';
/** An agent that says how it was started. */
const ECHO =
  '#!/bin/sh\necho "ARGS $*"\ncat "$HOME/.codex/ucode.config.toml" "$HOME/.claude/ucode-settings.json" 2>/dev/null\nexit 0\n';

let gateway: Gateway;
let tokens: { readonly admin: string; readonly ada: string };
let admin: Laptop;
let ada: Laptop;

beforeAll(async () => {
  const perUser = budget('0.01');
  Object.assign(perUser.alert_configurations[0]!, { scope_type: 'ALERT_CONFIGURATION_SCOPE_TYPE_PER_USER' });
  const config = {
    users: [{ name: 'root', groups: ['admins'] }, { name: 'ada' }],
    prices: { models: { 'demo-*': { input: '5', output: '25' } } },
    budgets: [perUser],
  };
  gateway = await startGateway({ config: JSON.stringify(config) });
  tokens = { admin: gateway.token, ada: await tokenFor(gateway, 'ada') };
});
afterAll(() => gateway.stop());

beforeEach(async () => {
  [admin, ada] = [openLaptop(), openLaptop()];
  for (const laptop of [admin, ada]) {
    for (const agent of ['codex', 'claude', 'pi']) laptop.program(agent, { script: ECHO });
  }
  await admin.signIn({ url: gateway.url, token: tokens.admin });
  await ada.signIn({ url: gateway.url, token: tokens.ada });
});
afterEach(async () => {
  await unpublish();
  admin.close();
  ada.close();
});

async function unpublish(): Promise<void> {
  const { coding_agent_configs: all } = (await call(gateway.url + CONFIGS, { token: tokens.admin })).json();
  for (const { name } of all)
    await call(`${gateway.url}/api/ai-gateway/v2/${name}`, { method: 'DELETE', token: tokens.admin });
}

async function published(): Promise<any> {
  return (await call(gateway.url + CONFIGS, { token: tokens.admin })).json().coding_agent_configs[0];
}

function file(content: unknown): string {
  const name = path.join(admin.work, 'agents.json');
  writeFileSync(name, JSON.stringify(content));
  return name;
}

async function publish(content: unknown): Promise<void> {
  expect(await admin.ucode(['setup', '--from-file', file(content)])).toMatchObject({ code: 0 });
  expect(await admin.ucode(['apply', '--yes'])).toMatchObject({ code: 0 });
}

/** Starts an agent until its launch follows what was published last: at the latest the second one does. */
async function launchTwice(args: readonly string[]) {
  await ada.ucode(args);
  return ada.ucode(args);
}

const both = {
  default_agent: 'claude',
  enabled_agents: {
    claude: { model_config: { default_model: 'system.ai.claude-sonnet-5' }, custom_headers: { 'x-team': 'red' } },
    codex: { model_config: { default_model: 'system.ai.gpt-5-5' } },
  },
};

it('what an admin publishes from a file holds for somebody else’s launches, and no longer than it is published', async () => {
  const before = (await ada.ucode(['codex'])).stdout;
  expect(before).not.toContain('model = "gpt-5.5"');

  const set = await admin.ucode(['setup', '--from-file', file(both)]);
  expect(set.stderr).toContain('ADD     default_agent = "CODING_AGENT_CLAUDE_CODE"');
  expect(await published()).toBeUndefined();
  const dry = await admin.ucode(['apply', '--dry-run']);
  expect(dry.stdout).toContain('model_config.codex.default_model = "system.ai.gpt-5-5"');
  expect(await published()).toBeUndefined();
  expect(await admin.ucode(['apply', '--yes'])).toMatchObject({ code: 0 });
  expect((await published()).default_agent).toBe('CODING_AGENT_CLAUDE_CODE');

  expect((await launchTwice(['codex', 'a b'])).stdout).toContain('model = "gpt-5.5"');
  const claude = await ada.ucode(['claude']);
  expect(claude.stdout).toContain('system.ai.claude-sonnet-5');
  expect(claude.stdout).toContain('x-team: red');

  // Without a name, the default agent is started.
  const bare = await ada.ucode(['--', '-p', 'hi there']);
  expect(bare.stdout).toMatch(/ARGS .*-p hi there/);

  const refused = await ada.ucode(['pi']);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/Pi is not enabled in .*Enabled: claude, codex/);

  expect(await admin.ucode(['setup', 'delete', '--yes'])).toMatchObject({ code: 0 });
  // A refusal is looked at again at once.
  expect(await ada.ucode(['pi'])).toMatchObject({ code: 0 });
  expect((await ada.ucode(['codex'])).stdout).toContain(
    before.split('\n').find((line) => line.startsWith('model = '))!,
  );
});

it('nothing to publish, nobody else’s fields lost, and what was published by API is shown', async () => {
  const byApi = {
    default_agent: 'CODING_AGENT_CODEX',
    enabled_agents: [
      {
        agent: 'CODING_AGENT_CODEX',
        config: { model_config: { codex: { default_model: 'system.ai.gpt-5-5' } }, new_field: 1 },
      },
    ],
    mcp_servers: [{ name: 'system-ai-slack', type: 'MCP_SERVER_TYPE_UC_SERVICE' }],
    skills: { names: ['main.skills'] },
  };
  await call(gateway.url + CONFIGS, { token: tokens.admin, body: JSON.stringify(byApi) });
  const shown = JSON.parse((await ada.ucode(['setup', 'show', '--json'])).stdout);
  expect(shown).toMatchObject({ published: byApi, draft: null });

  await publish(both);
  expect(await published()).toMatchObject({
    default_agent: 'CODING_AGENT_CLAUDE_CODE',
    skills: byApi.skills,
    mcp_servers: byApi.mcp_servers,
  });

  expect((await admin.ucode(['setup', '--from-file', file(both)])).code).toBe(0);
  const again = await admin.ucode(['apply', '--yes']);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toContain('nothing to publish');
  expect((await admin.ucode(['apply', '--yes'])).stderr).toContain('There is no draft.');
});

it('a file that is wrong is refused with every mistake, and nothing is kept', async () => {
  const wrong = {
    ...both,
    default_agent: 'pi',
    enabled_agents: { claude: { model_config: { default_model: 'no.such.model' } } },
  };
  const { code, stderr } = await admin.ucode(['setup', '--from-file', file(wrong)]);
  expect(code).toBe(1);
  expect(stderr).toContain("there is no model 'no.such.model'");
  expect(stderr).toContain("'default_agent': pi is not enabled");
  expect(await admin.ucode(['apply', '--yes'])).toMatchObject({ code: 1 });
  const unreadable = await admin.ucode(['setup', '--from-file', 'nowhere.json']);
  expect(unreadable).toMatchObject({ code: 2 });
  expect(unreadable.stderr).toContain('nowhere.json cannot be read');
});

it('others than admins are told so before anything else, and a wizard is none without a terminal', async () => {
  for (const args of [
    ['setup'],
    ['setup', '--from-file', file(both)],
    ['apply', '--yes'],
    ['setup', 'delete', '--yes'],
  ]) {
    const { code, stderr } = await ada.ucode(args);
    expect(code, args.join(' ')).toBe(1);
    expect(stderr).toContain('Only admins');
  }
  const wizard = await admin.ucode(['setup']);
  expect(wizard).toMatchObject({ code: 2 });
  expect(wizard.stderr).toContain('--from-file FILE');
});

it('the spend tier that somebody has reached chooses the model, and a launch says what is left', async () => {
  const { workspace_ai_gateway_budgets: budgets } = (
    await call(`${gateway.url}/api/ai-gateway/v2/workspace-metrics/budgets`, { token: tokens.admin })
  ).json();
  await publish({
    ...both,
    budget_policy: {
      budget_id: budgets[0].budget_configuration_id,
      tiers: [{ percentage: 50, agent: 'codex', model: 'system.ai.gpt-5-6-luna' }],
    },
  });
  expect((await launchTwice(['codex'])).stdout).toContain('model = "gpt-5.5"');

  // An answer of the demo costs about seven thousandths of a dollar.
  const body = JSON.stringify({ model: 'system.ai.gpt-5-5', messages: [{ role: 'user', content: 'hi' }] });
  await waitFor('most of the budget to be spent', async () => {
    await call(`${gateway.url}/ai-gateway/mlflow/v1/chat/completions`, { token: tokens.ada, body });
    const spend = (await call(`${gateway.url}/api/ai-gateway/v2/spend`, { token: tokens.ada })).json();
    return Number(spend.budgets[0].spent) >= 0.008;
  });
  const { stdout, stderr } = await launchTwice(['codex']);
  expect(stdout).toContain('model = "gpt-5.6-luna"');
  expect(stderr).toMatch(/budget/);
});

it('what was published holds as it was last known while the gateway is away', async () => {
  const config = JSON.stringify({ users: [{ name: 'root', groups: ['admins'] }] });
  const away = await startGateway({ config });
  try {
    for (const laptop of [admin, ada]) await laptop.signIn(away);
    await publish(both);
    await launchTwice(['codex']);
  } finally {
    await away.stop();
  }
  const { code, stdout, stderr } = await ada.ucode(['codex']);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('model = "gpt-5.5"');
});
