// What every agent does when its token is refused, when it is told to wait, when the provider is down and when
// its stream is cut: it reports or retries as it does against its own vendor, and never hangs.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { withGateway, type RunGateway } from './gateway-run.ts';
import { ensureAgents } from './install.ts';
import { recipes } from './recipes/index.ts';
import type { AgentRecipe, Reaction } from './recipes/recipe.ts';
import { runAgent, type AgentRun } from './run-agent.ts';

/** One attempt per destination: the agent itself meets every failure. */
const CONFIG = 'server:\n  max_attempts: 1\n';
const WRONG_TOKEN = 'ucg_0000000000000000000000000000000000000000000';
const ANSWER = 'Hello from the ucode demo model';

// An agent takes a core of its own while it starts.
vi.setConfig({ maxConcurrency: 2 });

beforeAll(() => ensureAgents(recipes.map((recipe) => recipe.name)));

describe.concurrent.each(recipes)('$name', { timeout: 180_000 }, (recipe) => {
  it('with a wrong token', async () => {
    await withGateway({ config: CONFIG }, async (gateway) => {
      const run = await react(recipe, recipe.reactions.unauthorized, { ...gateway, token: WRONG_TOKEN }, 'Say hi.');
      expect(await gateway.usage(), run.summary()).toEqual([]);
    });
  });

  it('told to wait', async () => {
    await withGateway({ config: CONFIG }, async (gateway) => {
      const prompt = 'Say hi. [demo: error:429:1:1]';
      const run = await react(recipe, recipe.reactions.rateLimited, gateway, prompt);
      const records = await gateway.settledUsage(run.calls.length);
      expect(records.map((record) => record.status_code).slice(0, 2), run.summary()).toEqual([429, 200]);
    });
  });

  it('with the provider down', async () => {
    await withGateway({ config: CONFIG }, async (gateway) => {
      const run = await react(recipe, recipe.reactions.providerDown, gateway, 'Say hi. [demo: error:500]');
      // An agent that had to be stopped may have left its last call unfinished.
      const finished = run.killed ? run.calls.length - 1 : run.calls.length;
      const statuses = (await gateway.settledUsage(finished)).map((record) => record.status_code);
      expect(statuses.slice(0, finished), run.summary()).toEqual(Array.from({ length: finished }, () => 500));
    });
  });

  it('with its stream cut', async () => {
    await withGateway({ config: CONFIG }, async (gateway) => {
      const run = await react(recipe, recipe.reactions.streamCut, gateway, 'Say hi. [demo: cut:1]');
      const [first] = await gateway.settledUsage(run.calls.length);
      expect(first, run.summary()).toMatchObject({ error_code: 'provider_stream_cut' });
    });
  });
});

/** Runs the agent and holds it to the reaction its recipe promises. */
async function react(
  recipe: AgentRecipe,
  reaction: Reaction,
  gateway: Pick<RunGateway, 'url' | 'token'>,
  prompt: string,
): Promise<AgentRun> {
  const stop = reaction.outcome === 'keeps-trying' ? { stopAfterCalls: reaction.requests } : {};
  const run = await runAgent(recipe.name, recipe.variants[0], { gateway, prompt, answerOnly: true, ...stop });
  const output = run.stdout + run.stderr;
  expect(run.calls.length, run.summary()).toBeGreaterThanOrEqual(reaction.requests);
  switch (reaction.outcome) {
    case 'recovers':
      expect(run.exitCode, run.summary()).toBe(0);
      expect(run.stdout, run.summary()).toContain(ANSWER);
      break;
    case 'reports':
      expect(run.killed, run.summary()).toBeNull();
      if (reaction.fails) expect(run.exitCode, run.summary()).not.toBe(0);
      if (reaction.says) expect(output, run.summary()).toMatch(reaction.says);
      break;
    case 'keeps-trying':
      expect(run.killed, run.summary()).toBe('calls');
      break;
  }
  return run;
}
