import type { AgentId } from '../agents/agent.ts';
import path from 'node:path';
import { loadAgent } from '../agents/registry.ts';
import type { Environment } from '../platform/environment.ts';
import { CatalogueCache } from '../setup/catalogue-cache.ts';
import { managedDefaultAgent } from '../setup/managed-config.ts';
import { SettingsFile } from '../setup/settings.ts';
import { workspaceUrl } from '../workspace/address.ts';
import { ConsoleTerminal } from '../terminal/console-terminal.ts';
import { Context } from './context.ts';
import { launch, type LaunchOptions } from './launch.ts';
import { reportFailure } from './report-failure.ts';

/**
 * Starts the agent that admins have published as the default; shows the help where they have published none. Gives the
 * exit code where nothing was started.
 */
export async function runDefaultLaunch(
  args: readonly string[],
  options: LaunchOptions,
  environment: Environment,
  verbose: boolean,
): Promise<number> {
  const { current } = await new SettingsFile(path.join(environment.ucodeHome, 'settings.json')).read();
  const url = options.workspace ?? environment.variables['UCODE_WORKSPACE'] ?? current;
  const cache = new CatalogueCache(path.join(environment.ucodeHome, 'cache'));
  const known = url === undefined ? undefined : await cache.read(workspaceUrl(url));
  const agent = known && managedDefaultAgent(known);
  if (agent !== undefined) return runLaunch(agent, args, options, environment, verbose);
  const { runProgram } = await import('./program.ts');
  return runProgram(['--help'], environment);
}

/** Starts an agent; gives the exit code where that could not be done. */
export async function runLaunch(
  id: AgentId,
  args: readonly string[],
  options: LaunchOptions,
  environment: Environment,
  verbose: boolean,
): Promise<number> {
  const terminal = new ConsoleTerminal({ environment, out: process.stdout, err: process.stderr, verbose });
  const context = new Context(environment, terminal);
  try {
    return await launch(context, await loadAgent(id), args, options);
  } catch (error) {
    return reportFailure(error, terminal);
  } finally {
    context.close();
  }
}
