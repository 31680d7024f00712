import type { AgentId } from '../agents/agent.ts';
import { loadAgent } from '../agents/registry.ts';
import type { Environment } from '../platform/environment.ts';
import { ConsoleTerminal } from '../terminal/console-terminal.ts';
import { Context } from './context.ts';
import { launch, type LaunchOptions } from './launch.ts';
import { reportFailure } from './report-failure.ts';

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
