import { expect, it } from 'vitest';
import { loadAgents } from '../agents/registry.ts';
import type { WorkspaceClient } from '../workspace/client.ts';
import { readModels } from '../workspace/read-models.ts';
import { modelsFor } from './agent-setup.ts';

/** A gateway whose catalogue is these names, in pages of two; every model speaks what its namesakes speak. */
function gatewayWith(names: readonly string[]): WorkspaceClient {
  const json = async (_path: string, { query = {} }: { query?: Readonly<Record<string, string | undefined>> } = {}) => {
    const from = Number(query['page_token'] ?? 0);
    const model_services = names.slice(from, from + 2).map((name) => ({ name: `model-services/${name}` }));
    return { model_services, ...(from + 2 < names.length ? { next_page_token: String(from + 2) } : {}) };
  };
  return { url: 'http://gateway', tokens: { token: () => Promise.reject(new Error()) }, clockSkewMs: undefined, json };
}

async function defaultsOf(names: readonly string[]): Promise<Record<string, string | undefined>> {
  const models = await readModels(gatewayWith(names));
  const agents = await loadAgents();
  return Object.fromEntries(agents.map((agent) => [agent.id, agent.defaultModel(modelsFor(agent, models))?.id]));
}

it('takes the newest version, not the last one by spelling', async () => {
  const defaults = await defaultsOf([
    'system.ai.claude-opus-4-8',
    'system.ai.claude-opus-4-10',
    'system.ai.claude-opus-4-10-20261001',
    'system.ai.gpt-5-5',
    'system.ai.gpt-5-10',
    'system.ai.gpt-5-10-mini',
    'system.ai.gemini-3-5-flash',
    'system.ai.gemini-3-12-flash',
  ]);
  expect(defaults).toMatchObject({
    claude: 'system.ai.claude-opus-4-10',
    codex: 'system.ai.gpt-5-10',
    gemini: 'system.ai.gemini-3-12-flash',
    cursor: undefined,
  });
});

it('offers models outside system.ai and of families that nobody knows', async () => {
  const names = ['main.team.claude-mine', 'main.team.fast', 'lab.new.quasar-7b', 'system.ai.claude-opus-4-8'];
  const models = await readModels(gatewayWith(names));
  const [opencode] = await loadAgents(['opencode']);
  expect(opencode && modelsFor(opencode, models).map(({ id }) => id)).toEqual(expect.arrayContaining(names));
  expect(models.find(({ id }) => id === 'lab.new.quasar-7b')?.family).toBe('quasar');
});

it('starts with what there is where none of the usual families is', async () => {
  expect(await defaultsOf(['lab.new.quasar-7b'])).toMatchObject({ copilot: 'lab.new.quasar-7b', claude: undefined });
});
