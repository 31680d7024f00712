// What every agent does at a rate limit that denies and at an exhausted budget: it stops and says why. What is asserted is
// what the user sees. That it waits as long as a 429 tells it, and goes on, is in failures.test.ts.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { budget, demoServices, rateLimit } from '../e2e/support/governed-config.ts';
import { withGateway } from './gateway-run.ts';
import { ensureAgents } from './install.ts';
import { recipes } from './recipes/index.ts';
import { runAgent } from './run-agent.ts';

const ANSWER = 'Hello from the ucode demo model';
/** Agents that show the words of a refusal; the others show words of their own (agents.md 8). */
const SHOW_THE_MESSAGE = new Set(['codex', 'claude-code', 'gemini-cli', 'opencode', 'copilot', 'pi']);
/** A budget that is used up after the first answer of the demo, whichever model gives it. */
const LITTLE = '0.0001';

vi.setConfig({ maxConcurrency: 2 });

beforeAll(() => ensureAgents(recipes.map((recipe) => recipe.name)));

/** The models that recipes name, with these limits. */
function configOf(model: string, limits: readonly object[], more: object = {}): string {
  const name = model.replace(/^system\.ai\./, '');
  return JSON.stringify({ users: [{ name: 'root', groups: ['admins'] }], ...demoServices(limits, [name]), ...more });
}

describe.concurrent.each(recipes)('$name', { timeout: 240_000 }, (recipe) => {
  const variant = recipe.variants[0];

  it('stopped by a limit that denies: it ends, and does not go on for ever', async () => {
    const config = configOf(variant.model, [rateLimit('USER_DEFAULT', { requests: 0 })]);
    await withGateway({ config }, async (gateway) => {
      const run = await runAgent(recipe.name, variant, { gateway, prompt: 'Say hi.', answerOnly: true });
      expect(run.killed, run.summary()).toBeNull();
      expect(run.stdout, run.summary()).not.toContain(ANSWER);
      const statuses = (await gateway.settledUsage(run.calls.length)).map((record) => record.status_code);
      expect(statuses, run.summary()).not.toContain(200);
    });
  });

  it('stopped by an exhausted budget: it ends at once and says so', async () => {
    const config = configOf(variant.model, [], { budgets: [budget(LITTLE)], prices: PRICES });
    await withGateway({ config }, async (gateway) => {
      const first = await runAgent(recipe.name, variant, { gateway, prompt: 'Say hi.', answerOnly: true });
      expect(first.stdout, first.summary()).toContain(ANSWER);
      const run = await runAgent(recipe.name, variant, { gateway, prompt: 'Say hi.', answerOnly: true });
      expect(run.killed, run.summary()).toBeNull();
      expect(run.stdout, run.summary()).not.toContain(ANSWER);
      expect(run.calls.length, run.summary()).toBeLessThanOrEqual(12);
      if (SHOW_THE_MESSAGE.has(recipe.name)) expect(run.stdout + run.stderr, run.summary()).toMatch(/budget/i);
    });
  });
});

const PRICES = { models: { 'demo-*': { input: '5', output: '25' } } };
