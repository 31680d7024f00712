import type { Agent } from '../agents/agent.ts';
import type { Context } from './context.ts';
import { runChecks } from './doctor-checks.ts';

/** After an agent has failed at its start: says what is not right, and nothing where all is. */
export async function explainFailure(context: Context, agent: Agent, workspaceUrl: string): Promise<void> {
  const failed = (await runChecks(context, workspaceUrl, [agent])).filter(({ ok }) => !ok);
  for (const { text, cure } of failed) context.terminal.fail(text, cure);
}
