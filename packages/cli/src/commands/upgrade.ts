import { realpath } from 'node:fs/promises';
import type { Command } from 'commander';
import { agentIds, loadAgents } from '../agents/registry.ts';
import { asText } from '../lib/json-object.ts';
import { packageName, version as ownVersion } from '../lib/version.ts';
import { compareVersions, findProgram, packagedVersion } from '../setup/find-agent.ts';
import { UsageError } from '../terminal/terminal.ts';
import { agentList } from './agent-list.ts';
import type { Context } from './context.ts';
import { askNpm, runNpm } from './npm.ts';

interface UpgradeOptions {
  readonly check?: boolean;
  readonly agents?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Something that npm has installed. */
interface Installed {
  readonly name: string;
  readonly npmPackage: string;
  readonly version: string;
  /** The first version that is too new for it to work on the gateway. */
  readonly below?: string | undefined;
}

/** `upgrade`: brings `ucode` and the agents that npm has installed to the newest version that works. */
export function upgradeCommand(program: Command, context: Context): void {
  program
    .command('upgrade')
    .description('bring ucode and the agents that npm has installed to the newest version that works')
    .option('--check', 'only tell what is newer')
    .option('--agents <names>', 'only these agents, separated by commas')
    .option('-y, --yes', 'without asking')
    .option('--json', 'with --check: as JSON')
    .addHelpText('after', '\nExamples:\n  ucode upgrade --check\n  ucode upgrade --agents codex,claude --yes\n')
    .action(async ({ check, agents, yes, json }: UpgradeOptions) => {
      const { terminal } = context;
      if (json && !check) throw new UsageError('--json needs --check.');
      const installed = await installedByNpm(context, agents);
      const found = await Promise.all(installed.map(async (one) => ({ ...one, newest: await newestOf(one, context) })));
      const newer = found.filter(({ version, newest }) => compareVersions(newest, version) > 0);
      if (check) {
        const rows = found.map(({ name, npmPackage, version, newest }) => ({ name, npmPackage, version, newest }));
        if (json) return terminal.data(JSON.stringify({ packages: rows }, undefined, 2));
        return terminal.table(rows, ['name', 'version', 'newest']);
      }
      if (newer.length === 0) return terminal.done('Everything that npm has installed is up to date.');
      for (const { name, version, newest } of newer) terminal.note(`${name} ${version} -> ${newest}`);
      const args = ['install', '-g', ...newer.map(({ npmPackage, newest }) => `${npmPackage}@${newest}`)];
      const command = `npm ${args.join(' ')}`;
      if (!yes && !terminal.interactive)
        throw new UsageError(`Nobody can be asked here. Give --yes, or run: ${command}`);
      if (!yes && !(await terminal.confirm(`Run '${command}'?`, { flag: '--yes', initial: true }))) return;
      await runNpm(args, context);
      terminal.done(`Upgraded: ${newer.map(({ name }) => name).join(', ')}`);
    });
}

/** What is on PATH and npm's; those that were named and are not, are told. */
async function installedByNpm(context: Context, names: string | undefined): Promise<Installed[]> {
  const { environment, terminal } = context;
  const agents = await loadAgents(names === undefined ? agentIds : agentList(names));
  const found = await Promise.all(
    agents.map(async ({ displayName, ...agent }): Promise<Installed[]> => {
      const program = await findProgram({ displayName, ...agent }, environment);
      const { npmPackage, versions } = agent;
      const version = program === undefined ? undefined : await packagedVersion(program, agent);
      if (version !== undefined && npmPackage !== undefined)
        return [{ name: displayName, npmPackage, version, below: versions.below }];
      if (program !== undefined)
        terminal.note(`${displayName} was not installed by npm: its own installer upgrades it.`);
      else if (names !== undefined) terminal.warn(`${displayName} is not installed.`);
      return [];
    }),
  );
  if (names !== undefined) return found.flat();
  return [...(await ownPackage(context)), ...found.flat()];
}

/** `ucode` itself, unless it runs from a checkout. */
async function ownPackage({ terminal }: Context): Promise<Installed[]> {
  const program = process.argv[1] ?? '';
  const own = { name: 'ucode', npmPackage: packageName, version: ownVersion };
  if (/[\\/]node_modules[\\/]/.test(await realpath(program).catch(() => program))) return [own];
  terminal.note('ucode runs from a checkout: git pull and npm ci upgrade it.');
  return [];
}

/** The newest version on npm that is not too new. */
async function newestOf({ npmPackage, below, version }: Installed, context: Context): Promise<string> {
  const wanted = below === undefined ? npmPackage : `${npmPackage}@<${below}`;
  const answer: unknown = JSON.parse((await askNpm(['view', wanted, 'version', '--json'], context)) || '[]');
  const versions = (Array.isArray(answer) ? answer : [answer]).map(asText).filter((one) => one !== undefined);
  return versions.toSorted(compareVersions).at(-1) ?? version;
}
