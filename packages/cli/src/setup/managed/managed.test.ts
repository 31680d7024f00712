import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadAgents } from '../../agents/registry.ts';
import type { OfferedModel } from '../../workspace/models.ts';
import { problemsOf } from './check.ts';
import { compareDefinitions, differenceLine } from './compare.ts';
import { publishable, type Definition } from './definition.ts';
import { definitionFromJson } from './from-file.ts';

const BUDGET = '11111111-2222-4333-8444-555555555555';

const wire: Definition = {
  default_agent: 'CODING_AGENT_CLAUDE_CODE',
  enabled_agents: [
    {
      agent: 'CODING_AGENT_CLAUDE_CODE',
      config: {
        use_as_global_settings: true,
        custom_headers: { 'x-team': 'red' },
        model_config: {
          claude: {
            default_model: 'system.ai.claude-opus-4-8',
            models: { default_opus_model: 'system.ai.claude-opus-4-8' },
          },
        },
      },
    },
    {
      agent: 'CODING_AGENT_CODEX',
      config: { model_config: { codex: { default_model: 'system.ai.gpt-5-5' } } },
    },
  ],
  mcp_servers: [{ name: 'system-ai-slack', type: 'MCP_SERVER_TYPE_UC_SERVICE' }],
  budget_policy: {
    budget_id: BUDGET,
    tiers: [{ spending_percentage: 0.5, default_agent: 'CODING_AGENT_CODEX', default_model: 'system.ai.gpt-5-5' }],
  },
};

/** The same, as the original's `setup --from-file` has it. */
const short = {
  default_agent: 'claude',
  enabled_agents: {
    claude: {
      use_as_global_settings: true,
      custom_headers: { 'x-team': 'red' },
      model_config: { default_model: 'system.ai.claude-opus-4-8', models: { opus: 'system.ai.claude-opus-4-8' } },
    },
    codex: { model_config: { default_model: 'system.ai.gpt-5-5' } },
  },
  mcp_servers: [{ name: 'system-ai-slack', type: 'mcp-service' }],
  budget_policy: { budget_id: BUDGET, tiers: [{ percentage: 50, agent: 'codex', model: 'system.ai.gpt-5-5' }] },
};

describe('a definition from a file', () => {
  test("is the same in the gateway's shape and in the original's shorter one", () => {
    expect(definitionFromJson(JSON.stringify(wire))).toEqual(wire);
    expect(definitionFromJson(JSON.stringify(short))).toEqual(wire);
  });

  test('takes back what the gateway sent, with fields nobody knows', () => {
    const sent = { ...wire, name: 'coding-agent-configs/1', etag: 'e', smart_defaults: { on: true } };
    expect(definitionFromJson(JSON.stringify(sent))).toEqual(sent);
    expect(publishable(sent)).toEqual(wire);
  });

  test("lists of Claude's models become families, others stay lists", () => {
    const file = {
      enabled_agents: {
        claude: { model_config: { models: ['system.ai.claude-sonnet-5', 'system.ai.claude-haiku-4-5'] } },
        pi: { model_config: { models: ['system.ai.gpt-5-5'], custom_models: ['main.team.own'] } },
      },
    };
    expect(definitionFromJson(JSON.stringify(file))['enabled_agents']).toMatchObject([
      {
        config: {
          model_config: {
            claude: {
              models: {
                default_sonnet_model: 'system.ai.claude-sonnet-5',
                default_haiku_model: 'system.ai.claude-haiku-4-5',
              },
            },
          },
        },
      },
      { config: { model_config: { pi: { models: ['system.ai.gpt-5-5', 'main.team.own'] } } } },
    ]);
  });

  test.each([
    ['{', /not JSON/],
    ['[]', /not a JSON object/],
    ['{"agents":[]}', /'agents' is not known/],
    ['{"default_agent":"emacs"}', /'default_agent': there is no agent 'emacs'/],
    ['{"enabled_agents":{"cursor":{}}}', /'enabled_agents.cursor': there is no agent/],
    ['{"enabled_agents":[{"agent":3}]}', /'enabled_agents\[0\]' must be a text/],
    ['{"mcp_servers":{}}', /'mcp_servers' must be a list/],
    ['{"budget_policy":{"tiers":[{"percentage":150,"agent":"pi","model":"m"}]}}', /tiers\[0\]' has no percentage/],
    ['{"tracing_table":3}', /'tracing_table' must be a text/],
  ])('%s is refused with its place', (text, message) => expect(() => definitionFromJson(text)).toThrow(message));

  test('whatever is in it, it is understood or refused with a sentence', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom('enabled_agents', 'budget_policy', 'mcp_servers', 'skills'),
        (json, key) => {
          try {
            definitionFromJson(`{"${key}":${json}}`);
          } catch (error) {
            expect((error as Error).name).toBe('DefinitionUnreadable');
          }
        },
      ),
    );
  });
});

describe('differences', () => {
  test('none between a definition and itself, whatever the gateway says beside it', () => {
    expect(compareDefinitions({ ...wire, name: 'x', etag: 'y' }, wire)).toEqual([]);
  });

  test('lists are compared by what names their entries', () => {
    const enabled = wire['enabled_agents'] as object[];
    const pi = { agent: 'CODING_AGENT_PI', config: { model_config: { pi: { default_model: 'm' } } } };
    const changed = {
      ...wire,
      default_agent: 'CODING_AGENT_CODEX',
      enabled_agents: [pi, ...enabled],
      mcp_servers: undefined,
    };
    expect(compareDefinitions(wire, changed).map(differenceLine)).toEqual([
      'CHANGE  default_agent = "CODING_AGENT_CLAUDE_CODE" -> "CODING_AGENT_CODEX"',
      'ADD     enabled_agents[CODING_AGENT_PI].agent = "CODING_AGENT_PI"',
      'ADD     enabled_agents[CODING_AGENT_PI].config.model_config.pi.default_model = "m"',
      'DELETE  mcp_servers[system-ai-slack].name = "system-ai-slack"',
      'DELETE  mcp_servers[system-ai-slack].type = "MCP_SERVER_TYPE_UC_SERVICE"',
    ]);
  });
});

describe('problems', async () => {
  const model = (id: string, apiTypes: string[]): OfferedModel => ({
    id,
    name: id.split('.').at(-1) ?? id,
    family: 'f',
    version: [1],
    apiTypes,
    contextWindow: undefined,
    maxOutputTokens: undefined,
  });
  const options = {
    agents: await loadAgents(),
    models: [
      model('system.ai.claude-opus-4-8', ['anthropic/v1/messages']),
      model('system.ai.gpt-5-5', ['openai/v1/responses']),
    ],
    budgets: [{ id: BUDGET, name: 'b', threshold: '10' }],
  };
  const enabled = wire['enabled_agents'] as { agent: string; config: object }[];

  test('none where everything is there', () => expect(problemsOf(wire, options)).toEqual([]));

  test.each<[string, Definition, RegExp]>([
    ['nothing enabled', { ...wire, enabled_agents: [] }, /at least one agent/],
    ['no default', { ...wire, default_agent: undefined }, /'default_agent' is needed/],
    ['a default that is not enabled', { ...wire, default_agent: 'CODING_AGENT_PI' }, /pi is not enabled/],
    [
      'a model that is not there',
      {
        ...wire,
        enabled_agents: [
          enabled[0],
          { agent: 'CODING_AGENT_CODEX', config: { model_config: { codex: { default_model: 'x.y.z' } } } },
        ],
      },
      /Codex CLI: there is no model 'x\.y\.z'/,
    ],
    [
      'a model it cannot speak to',
      {
        ...wire,
        enabled_agents: [
          enabled[0],
          {
            agent: 'CODING_AGENT_CODEX',
            config: { model_config: { codex: { models: ['system.ai.claude-opus-4-8'] } } },
          },
        ],
      },
      /Codex CLI cannot speak to/,
    ],
    ['no such budget', { ...wire, budget_policy: { budget_id: 'other' } }, /there is no budget 'other'/],
    [
      'tiers that say the same twice',
      {
        ...wire,
        budget_policy: {
          budget_id: BUDGET,
          tiers: [0.5, 0.5].map((spending_percentage) => ({
            spending_percentage,
            default_agent: 'CODING_AGENT_CODEX',
            default_model: 'system.ai.gpt-5-5',
          })),
        },
      },
      /percentage is there twice[^]*this agent and model already/,
    ],
  ])('%s', (_, definition, problem) => expect(problemsOf(definition, options).join('\n')).toMatch(problem));

  test("a provider service's own models are not looked up", () => {
    const config = { model_config: { claude: { model_provider_service: 'main.x.y', default_model: 'claude-1' } } };
    const definition = {
      default_agent: 'CODING_AGENT_CLAUDE_CODE',
      enabled_agents: [{ agent: 'CODING_AGENT_CLAUDE_CODE', config }],
    };
    expect(problemsOf(definition, options)).toEqual([]);
  });
});
