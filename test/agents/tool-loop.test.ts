// Every dialect every agent can speak: a tool loop through the gateway that leaves a file on disk, metered.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { UsageRecord } from '../../packages/gateway/src/usage/usage-record.ts';
import { withGateway } from './gateway-run.ts';
import { agentPackages, ensureAgents, type AgentName } from './install.ts';
import { recipes } from './recipes/index.ts';
import type { Variant } from './recipes/recipe.ts';
import { runAgent } from './run-agent.ts';
import { isolation } from './sandbox/sandbox.ts';

const PROMPT = 'Create the file f.txt with the text hi using the shell.';
const FINAL_TEXT = 'Final answer from the ucode demo model';

// An agent takes a core of its own while it starts.
vi.setConfig({ maxConcurrency: 2 });

beforeAll(() => ensureAgents(recipes.map((recipe) => recipe.name)));
afterAll(() => console.log(`agents were isolated by: ${isolation}`));

describe.concurrent('a tool loop', { timeout: 180_000 }, () => {
  const cases = recipes.flatMap((recipe) => recipe.variants.map((variant) => ({ id: variant.id, recipe, variant })));

  it.each(cases)('$id', async ({ recipe, variant }) => {
    await withGateway({}, async (gateway) => {
      const run = await runAgent(recipe.name, variant, { gateway, prompt: PROMPT });
      expect(run.exitCode, run.summary()).toBe(0);
      expect(run.file, run.summary()).toBe('hi\n');
      expect(run.stdout, run.summary()).toContain(FINAL_TEXT);

      const records = await gateway.settledUsage(run.calls.length);
      expect(records.length, run.summary()).toBeGreaterThanOrEqual(2);
      for (const record of records) expectMetered(record, recipe.name, variant);
      if (variant.identity.session) {
        const sessions = new Set(records.map((record) => record.session_metadata.client_session_id));
        expect([...sessions], 'one session in all records').toEqual([expect.stringMatching(/\S/)]);
      }
    });
  });
});

/** The record of one model call says who asked for what, and what it took. */
function expectMetered(record: UsageRecord, agent: AgentName, variant: Variant): void {
  const { codingAgent, version } = variant.identity;
  expect(record).toMatchObject({
    requester: 'admin',
    requester_type: 'USER',
    auth_mode: 'PAT',
    service_type: 'MODEL_SERVICE',
    service_name: variant.model,
    destination_model: variant.model.replace('system.ai.', 'demo-'),
    api_type: variant.apiType,
    status_code: 200,
    error_code: null,
    is_final: true,
    input_tokens: 1200,
    output_tokens: 42,
    token_details: { cache_read_input_tokens: 1000 },
    tokens_estimated: false,
    session_metadata: { coding_agent: codingAgent, agent_version: version ? agentPackages[agent].version : null },
  });
}
