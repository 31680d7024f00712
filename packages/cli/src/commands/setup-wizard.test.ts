import { expect, test } from 'vitest';
import { loadAgents } from '../agents/registry.ts';
import type { Definition } from '../setup/managed/definition.ts';
import { problemsOf } from '../setup/managed/check.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { askDefinition } from './setup-wizard.ts';

const unused = (): never => {
  throw new Error('not expected');
};

/** Takes what is offered first, or what `answers` has for a question that begins so. */
function scripted(answers: Readonly<Record<string, string | boolean>>): Terminal {
  const answerTo = (question: string) => Object.entries(answers).find(([start]) => question.startsWith(start))?.[1];
  return {
    interactive: true,
    width: 80,
    data: unused,
    done: unused,
    note: unused,
    warn: unused,
    fail: unused,
    debug: unused,
    table: unused,
    ask: async (question) => String(answerTo(question) ?? ''),
    confirm: async (question) => answerTo(question) === true,
    choose: async (question, choices) => {
      const wanted = answerTo(question);
      return (choices.find(({ label }) => label === wanted) ?? choices[0])!.value;
    },
    chooseSeveral: async (_, choices) => choices.filter(({ selected }) => selected).map(({ value }) => value),
  };
}

const model = (name: string, apiTypes: string[]) => ({
  id: `system.ai.${name}`,
  name,
  family: name.replace(/-\d.*/, ''),
  version: [1],
  apiTypes,
  contextWindow: undefined,
  maxOutputTokens: undefined,
});

const before: Definition = {
  display_name: 'Ours',
  enabled_agents: [
    { agent: 'CODING_AGENT_CLAUDE_CODE', config: { custom_headers: { 'x-a': '1' }, newer: true } },
    {
      agent: 'CODING_AGENT_CODEX',
      config: { model_config: { codex: { default_model: 'system.ai.gpt-5-5', newer: 1 } } },
    },
  ],
  skills: { names: ['main.skills'] },
};

test('what is not asked for stays, the answers make a definition without problems', async () => {
  const options = {
    agents: await loadAgents(),
    models: [
      model('claude-opus-4-8', ['anthropic/v1/messages']),
      model('gpt-5-6', ['openai/v1/responses']),
      model('gpt-5-5', ['openai/v1/responses']),
    ],
    budgets: [{ id: '11111111-2222-4333-8444-555555555555', name: 'Everybody', threshold: '10' }],
  };
  const terminal = scripted({
    'Which one does a bare': 'Codex CLI',
    "Shall the agents' own telemetry": true,
    'Beginning of the names': 'main.default.agents',
    'Shall the default model depend': true,
    'From how many percent': '80 %',
    'Default agent from 80 %': 'Codex CLI',
  });
  const definition = await askDefinition(terminal, before, options);
  expect(problemsOf(definition, options)).toEqual([]);
  expect(definition).toMatchObject({
    display_name: 'Ours',
    skills: { names: ['main.skills'] },
    default_agent: 'CODING_AGENT_CODEX',
    enabled_agents: [
      {
        agent: 'CODING_AGENT_CODEX',
        config: { model_config: { codex: { default_model: 'system.ai.gpt-5-5', newer: 1 } } },
      },
      {
        agent: 'CODING_AGENT_CLAUDE_CODE',
        config: {
          custom_headers: { 'x-a': '1' },
          newer: true,
          model_config: { claude: { default_model: 'system.ai.claude-opus-4-8' } },
        },
      },
    ],
    tracing: { table: 'main.default.agents' },
    budget_policy: {
      budget_id: '11111111-2222-4333-8444-555555555555',
      tiers: [{ spending_percentage: 0.8, default_agent: 'CODING_AGENT_CODEX' }],
    },
  });
});
