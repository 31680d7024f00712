import { describe, expect, test } from 'vitest';
import { checkDefinition, readDefinition } from './check-definition.ts';
import type { Definition } from './definition.ts';
import { testingDefinition } from './testing-definition.ts';

type Change = (body: any) => void;

/** Reads and checks the testing definition with a change. */
function check(change: Change): Definition {
  const body = structuredClone(testingDefinition);
  change(body);
  return checkDefinition(readDefinition(body));
}

test('a definition with every field is taken', () => {
  expect(check(() => {})).toMatchObject({
    default_agent: 'CODING_AGENT_CLAUDE_CODE',
    skills: { names: ['main.skills'] },
  });
});

test('MCP services may be named with dots and are kept with dashes', () => {
  expect(check(() => {}).mcp_servers?.map(({ name }) => name)).toEqual([
    'system-ai-slack',
    'system-ai-jira',
    'main.default',
  ]);
  const names = [{ name: 'main.team.v1.tools', type: 'MCP_SERVER_TYPE_UC_SERVICE' }];
  expect(check((body) => (body.mcp_servers = names)).mcp_servers?.[0]?.name).toBe('main-team-v1.tools');
});

test('what newer clients say inside of objects is kept', () => {
  const changed = check((body) => {
    body.smart_defaults = { on: true };
    body.enabled_agents[0].config.new_thing = { a: 1 };
    body.spec_version = 1;
  });
  expect(changed).toMatchObject({
    smart_defaults: { on: true },
    enabled_agents: [{ config: { new_thing: { a: 1 } } }, {}],
  });
});

test('a field that is null counts as left out', () => {
  expect(check((body) => (body.skills = null))).not.toHaveProperty('skills');
});

describe('refused, naming the field:', () => {
  const cases: [string, Change][] = [
    ['default_agent', (body) => delete body.default_agent],
    ['default_agent', (body) => (body.default_agent = 'CODING_AGENT_CURSOR')],
    ['default_agent', (body) => (body.default_agent = 'CODING_AGENT_PI')],
    ['enabled_agents', (body) => (body.enabled_agents = 'all')],
    ['enabled_agents', (body) => body.enabled_agents.push(body.enabled_agents[0])],
    ['enabled_agents[1].agent', (body) => (body.enabled_agents[1].agent = 'x')],
    [
      'enabled_agents[CODING_AGENT_CLAUDE_CODE].config.model_config.claude.default_model',
      (body) => delete body.enabled_agents[0].config.model_config.claude.default_model,
    ],
    [
      'enabled_agents[0].config.use_as_global_settings',
      (body) => (body.enabled_agents[0].config.use_as_global_settings = 1),
    ],
    ['mcp_servers[0].name', (body) => (body.mcp_servers[0].name = '')],
    ['mcp_servers[0].name', (body) => delete body.mcp_servers[0].name],
    ['mcp_servers[0].name', (body) => (body.mcp_servers[0].name = 'ai.slack')],
    ['mcp_servers[1].type', (body) => (body.mcp_servers[1].type = 'SLACK')],
    ['skills.names[0]', (body) => (body.skills.names[0] = '')],
    ['tracing.table', (body) => (body.tracing.table = '')],
    ['budget_policy.budget_id', (body) => (body.budget_policy.budget_id = 'mine')],
    ['budget_policy.tiers[0].spending_percentage', (body) => (body.budget_policy.tiers[0].spending_percentage = 1.5)],
    ['budget_policy.tiers[0].spending_percentage', (body) => (body.budget_policy.tiers[0].spending_percentage = '50')],
    ['budget_policy.tiers[1].spending_percentage', (body) => (body.budget_policy.tiers[1].spending_percentage = 0.5)],
    ['budget_policy.tiers[0].default_agent', (body) => (body.budget_policy.tiers[0].default_agent = 'CODING_AGENT_PI')],
    ['budget_policy.tiers[1].default_model', (body) => (body.budget_policy.tiers[1].default_model = '')],
    ['budgets', (body) => (body.budgets = [])],
    ['config', (body) => (body.smart_defaults = { long: 'x'.repeat(300_000) })],
  ];
  test.each(cases)('%s', (field, change) => {
    expect(() => check(change)).toThrow(
      expect.objectContaining({
        code: 'caller_invalid_parameter',
        param: field,
        message: expect.stringContaining(`'${field}'`) as string,
      }),
    );
  });
});
