import type { Agent } from '../agents/agent.ts';
import { askVersion, findProgram, versionProblem, type AgentBinary } from '../setup/find-agent.ts';
import { knownVersion, rememberVersion } from '../setup/known-versions.ts';
import type { Context } from './context.ts';
import { runNpm } from './npm.ts';

/**
 * The agent's program, installed through npm where it is missing and somebody agrees.
 * @throws Error that says how to install it.
 */
export async function ensureAgent(context: Context, agent: Agent): Promise<AgentBinary> {
  const { environment, terminal } = context;
  let program = await findProgram(agent, environment);
  if (program === undefined) {
    await install(context, agent);
    program = await findProgram(agent, environment);
    if (program === undefined) {
      throw new Error(
        `${agent.displayName} was installed, but ${agent.binary} is not on PATH. Add the folder that 'npm prefix -g' names.`,
      );
    }
  }
  const version = await versionOf(program, agent, context);
  const problem = versionProblem(agent, version);
  if (problem === undefined) return { program, version };
  if (!(await offerUpdate(context, agent, problem))) {
    terminal.warn(`${problem} ${updateCommand(agent)}`);
    return { program, version };
  }
  program = (await findProgram(agent, environment)) ?? program;
  return { program, version: await versionOf(program, agent, context) };
}

async function versionOf(program: string, agent: Agent, { environment }: Context): Promise<string | undefined> {
  const known = await knownVersion(program, environment);
  if (known !== undefined) return known;
  const version = await askVersion(program, agent, environment);
  if (version !== undefined) await rememberVersion(program, version, environment);
  return version;
}

/** Brings the agent to a version that works, where somebody agrees. @returns whether that was done. */
async function offerUpdate(context: Context, agent: Agent, problem: string): Promise<boolean> {
  const { terminal } = context;
  if (!terminal.interactive || agent.npmPackage === undefined) return false;
  const command = installCommand(agent);
  const agreed = await terminal.confirm(`${problem} Run '${command}'?`, { flag: command, initial: true });
  if (agreed) await installWithNpm(context, agent);
  return agreed;
}

/** `npm install -g …`, as somebody would type it. */
export function updateCommand(agent: Agent): string {
  return agent.npmPackage === undefined ? '' : `Update it: ${installCommand(agent)}`;
}

function installCommand(agent: Agent): string {
  return `npm install -g ${agent.npmPackage}@${wantedVersion(agent)}`;
}

async function installWithNpm(context: Context, agent: Agent): Promise<void> {
  await runNpm(['install', '-g', `${agent.npmPackage}@${wantedVersion(agent).replaceAll('"', '')}`], context);
}

function wantedVersion({ versions: { below } }: Agent): string {
  return below === undefined ? 'latest' : `"<${below}"`;
}

async function install(context: Context, agent: Agent): Promise<void> {
  const { terminal } = context;
  if (agent.npmPackage === undefined) {
    throw new Error(
      `${agent.displayName} is not installed: there is no '${agent.binary}' on PATH, and it is not on npm. Its maker's site has the installer.`,
    );
  }
  const command = installCommand(agent);
  if (!terminal.interactive) throw new Error(`${agent.displayName} is not installed. Install it: ${command}`);
  const agreed = await terminal.confirm(`${agent.displayName} is not installed. Run '${command}'?`, {
    flag: command,
    initial: true,
  });
  if (!agreed) throw new Error(`${agent.displayName} is not installed. Install it: ${command}`);
  await installWithNpm(context, agent);
}
