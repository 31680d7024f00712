// The guide's steps, as written: its two CREATE TABLE statements, its variables, a real agent, SQL.
import { beforeAll, describe, expect, it } from 'vitest';
import { guideBlocks } from '../support/guide.ts';
import { pollSql, runSql } from '../support/statements.ts';
import { withGateway } from './gateway-run.ts';
import { ensureAgents } from './install.ts';
import { recipes } from './recipes/index.ts';
import { runAgent } from './run-agent.ts';
import { expectTelemetry } from './telemetry/arrived.ts';
import { telemetrySettings, type TelemetrySettings } from './telemetry/settings.ts';

const PROMPT = 'Create the file f.txt with the text hi using the shell.';
const cases: [string, TelemetrySettings][] = Object.entries(telemetrySettings);

beforeAll(() => ensureAgents(cases.map(([, settings]) => settings.agent)));

/** The guide's statements with the names filled in. */
function tableStatements(prefix: string): string[] {
  return guideBlocks('telemetry.md', 'sql')
    .filter((block) => block.startsWith('CREATE TABLE'))
    .map((block) =>
      block.replaceAll('<catalog>', 'main').replaceAll('<schema>', 'default').replaceAll('<table_prefix>', prefix),
    );
}

describe("an agent's telemetry", { timeout: 180_000 }, () => {
  it.each(cases)('%s: lands in the tables', async (prefix, settings) => {
    const recipe = recipes.find((one) => one.name === settings.agent)!;
    const [variant] = recipe.variants;
    await withGateway({}, async (gateway) => {
      const statements = tableStatements(prefix);
      expect(statements).toHaveLength(2);
      for (const statement of statements) await runSql(gateway, statement);
      if (settings.signals.includes('spans')) {
        const headers = { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' };
        const body = JSON.stringify({ catalog: 'main', schema: 'default', prefix, signals: ['traces'] });
        const made = await fetch(`${gateway.url}/api/2.0/otel/tables`, { method: 'POST', headers, body });
        expect(made.status, await made.text()).toBe(200);
      }
      const run = await runAgent(
        recipe.name,
        { ...variant, launch: (context) => settings.apply(variant.launch(context), context) },
        { gateway, prompt: PROMPT },
      );
      expect(run.exitCode, run.summary()).toBe(0);

      await expectTelemetry(gateway, prefix, settings, run.summary());

      const turns = run.calls.filter((one) => !one.path.includes('/analytics/')).length;
      const usage = await pollSql(
        gateway,
        'SELECT request_id, session_metadata.coding_agent AS agent, input_tokens FROM system.ai_gateway.usage',
        (rows) => rows.length >= turns,
      );
      expect(usage.length, run.summary()).toBeGreaterThanOrEqual(turns);
      expect(new Set(usage.map((row) => row['agent']))).toEqual(new Set([variant.identity.codingAgent]));
    });
  });
});
