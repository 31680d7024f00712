import path from 'node:path';
import type { Command } from 'commander';
import { loadAgents } from '../agents/registry.ts';
import { modelsFor } from '../setup/agent-setup.ts';
import { CatalogueCache } from '../setup/catalogue-cache.ts';
import { findProgram } from '../setup/find-agent.ts';
import { knownVersion } from '../setup/known-versions.ts';
import type { Context } from './context.ts';

/** `status`: what is set up, without asking the gateway. */
export function statusCommand(program: Command, context: Context): void {
  program
    .command('status')
    .description('what is set up on this machine; asks nobody')
    .addHelpText('after', '\nExamples:\n  ucode status\n  ucode status --json\n')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const status = await readStatus(context);
      if (options.json) return context.terminal.data(JSON.stringify(status, undefined, 2));
      context.terminal.data(`workspace    ${status.workspace ?? 'none (ucode login URL)'}`);
      if (status.user !== null) context.terminal.data(`user         ${status.user}`);
      context.terminal.data(`credentials  ${status.credentials}`);
      context.terminal.data('');
      context.terminal.table(
        status.agents.map(({ name, installed, configured, models, files }) => ({
          agent: name,
          installed: installed ?? 'no',
          'set up': configured ? 'yes' : 'no',
          models: models === null ? '' : String(models),
          files: files.join(' '),
        })),
        ['agent', 'installed', 'set up', 'models', 'files'],
      );
    });
}

async function readStatus(context: Context) {
  const { environment, settings, journal } = context;
  const { current, workspaces, agents: configured = [] } = await settings.read();
  const catalogue =
    current === undefined
      ? undefined
      : await new CatalogueCache(path.join(environment.ucodeHome, 'cache')).read(current);
  const { entries } = await journal.entries();
  const agents = await Promise.all(
    (await loadAgents()).map(async (agent) => {
      const program = await findProgram(agent, environment);
      const files = entries.filter(({ places }) => Object.hasOwn(places, agent.id)).map((entry) => entry.path);
      return {
        id: agent.id,
        name: agent.displayName,
        installed: program === undefined ? null : ((await knownVersion(program, environment)) ?? 'yes'),
        configured: configured.includes(agent.id) || files.length > 0,
        models:
          catalogue === undefined || agent.apiTypes.length === 0 ? null : modelsFor(agent, catalogue.models).length,
        files,
      };
    }),
  );
  return {
    workspace: current ?? null,
    user: (current === undefined ? undefined : workspaces[current]?.userName) ?? null,
    credentials: (await context.credentials).place,
    telemetry: (current === undefined ? undefined : workspaces[current]?.telemetry?.tablePrefix) ?? null,
    agents,
  };
}
