import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Agent } from '../agents/agent.ts';
import { SignInNeeded } from '../auth/token.ts';
import { CatalogueCache } from '../setup/catalogue-cache.ts';
import { askVersion, findProgram, versionProblem } from '../setup/find-agent.ts';
import { modelsFor } from '../setup/agent-setup.ts';
import { systemProblem } from '../lib/system-error.ts';
import { WorkspaceError } from '../workspace/client.ts';
import { updateCommand } from './ensure-agent.ts';
import type { Context } from './context.ts';
import { readCatalogue } from '../setup/read-catalogue.ts';
import path from 'node:path';
import { makeDirectory } from '../files/make-directory.ts';

/** One thing that was looked at. */
export interface Check {
  /** Stable, for `--json`: `sign-in`, `agent-codex`. */
  readonly id: string;
  readonly ok: boolean;
  readonly text: string;
  /** What to do, where it is not right. */
  readonly cure?: string | undefined;
}

/** Skew of the clocks from which tokens begin to fail, milliseconds. */
const MAX_SKEW_MS = 120_000;

/**
 * Looks at everything a launch needs, in the order it needs it; what depends on something that is not right is left out.
 * @param agents those to look at; installed ones are checked, others are noted.
 */
export async function runChecks(
  context: Context,
  workspaceUrl: string | undefined,
  agents: readonly Agent[],
): Promise<Check[]> {
  const checks: Check[] = [await ownFiles(context)];
  for (const agent of agents) checks.push(await agentCheck(context, agent));
  if (workspaceUrl === undefined) {
    checks.push({ id: 'workspace', ok: false, text: 'No workspace is in use.', cure: 'ucode login URL' });
    return checks;
  }
  const reached = await reachable(context, workspaceUrl);
  checks.push(...reached);
  if (reached.some(({ ok }) => !ok)) return checks;
  const signedIn = await signInCheck(context, workspaceUrl);
  checks.push(signedIn);
  if (signedIn.ok) checks.push(...(await modelChecks(context, workspaceUrl, agents)));
  return checks;
}

async function ownFiles({ environment, settings }: Context): Promise<Check> {
  try {
    await makeDirectory(environment.ucodeHome);
    await access(environment.ucodeHome, constants.W_OK);
    await settings.read();
    return { id: 'files', ok: true, text: `${environment.ucodeHome} can be written.` };
  } catch (error) {
    return {
      id: 'files',
      ok: false,
      text: `${environment.ucodeHome}: ${systemProblem(error)}.`,
      cure: 'Make it writable, or set UCODE_HOME to a directory that is.',
    };
  }
}

async function agentCheck({ environment }: Context, agent: Agent): Promise<Check> {
  const id = `agent-${agent.id}`;
  const program = await findProgram(agent, environment);
  if (program === undefined) {
    const cure = agent.npmPackage === undefined ? undefined : `npm install -g ${agent.npmPackage}`;
    return { id, ok: true, text: `${agent.displayName} is not installed${cure === undefined ? '.' : ` (${cure}).`}` };
  }
  const version = await askVersion(program, agent, environment);
  const problem = version === undefined ? `${program} does not tell its version.` : versionProblem(agent, version);
  return problem === undefined
    ? { id, ok: true, text: `${agent.displayName} ${version} is at ${program}.` }
    : { id, ok: false, text: problem, cure: updateCommand(agent) };
}

async function reachable(context: Context, workspaceUrl: string): Promise<Check[]> {
  const client = await context.client(workspaceUrl);
  try {
    const before = Date.now();
    await client.json('/.well-known/databricks-config', { authenticated: false, timeoutMs: 10_000 });
    const took = Date.now() - before;
    const check: Check = { id: 'gateway', ok: true, text: `${workspaceUrl} answers (${took} ms).` };
    const skew = client.clockSkewMs ?? 0;
    if (Math.abs(skew) < MAX_SKEW_MS) return [check];
    const text = `The clock of this machine is ${Math.round(Math.abs(skew) / 60_000)} minutes ${skew > 0 ? 'behind' : 'ahead of'} the gateway's.`;
    return [check, { id: 'clock', ok: false, text, cure: 'Set the clock, or switch on time synchronisation.' }];
  } catch (error) {
    return [
      {
        id: 'gateway',
        ok: false,
        text: messageOf(error),
        cure: error instanceof WorkspaceError ? error.cure : undefined,
      },
    ];
  }
}

async function signInCheck(context: Context, workspaceUrl: string): Promise<Check> {
  try {
    const client = await context.client(workspaceUrl);
    const me = await client.json('/api/2.0/preview/scim/v2/Me', { timeoutMs: 10_000 });
    return { id: 'sign-in', ok: true, text: `Signed in as ${String(me['userName'])}.` };
  } catch (error) {
    const cure =
      error instanceof SignInNeeded || (error instanceof WorkspaceError && error.kind === 'unauthenticated')
        ? `ucode login ${workspaceUrl}`
        : undefined;
    return { id: 'sign-in', ok: false, text: messageOf(error), cure };
  }
}

async function modelChecks(context: Context, workspaceUrl: string, agents: readonly Agent[]): Promise<Check[]> {
  try {
    const catalogue = await readCatalogue(await context.client(workspaceUrl));
    await new CatalogueCache(path.join(context.environment.ucodeHome, 'cache')).write(workspaceUrl, catalogue);
    return agents
      .filter(({ apiTypes }) => apiTypes.length > 0)
      .map((agent) => {
        const { length } = modelsFor(agent, catalogue.models);
        const id = `models-${agent.id}`;
        if (length > 0)
          return { id, ok: true, text: `${agent.displayName} may use ${length} ${length === 1 ? 'model' : 'models'}.` };
        return {
          id,
          ok: false,
          text: `You may use no model that ${agent.displayName} can speak to.`,
          cure: 'Ask an admin of the gateway for EXECUTE on one.',
        };
      });
  } catch (error) {
    return [{ id: 'models', ok: false, text: messageOf(error) }];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
