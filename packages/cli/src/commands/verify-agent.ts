import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AgentSetup } from '../agents/agent.ts';
import { applyEdits } from '../files/apply-edits.ts';
import { Journal } from '../files/journal.ts';
import type { Environment } from '../platform/environment.ts';
import { LoopbackProxy } from '../proxy/loopback-proxy.ts';
import type { AgentPlan } from '../setup/plan-configuration.ts';
import { findProgram } from '../setup/find-agent.ts';
import type { Context } from './context.ts';
import { runTry } from './run-try.ts';
import { makeDirectory } from '../files/make-directory.ts';

/**
 * Has an agent answer a real prompt through the gateway, in a home directory of its own, so that nothing of the user's
 * is touched.
 * @throws Error with the end of what it printed; Cancelled.
 */
export async function verifyAgent(
  context: Context,
  { agent, setup, global }: AgentPlan,
  workspaceUrl: string,
): Promise<void> {
  const program = await findProgram(agent, context.environment);
  if (program === undefined) throw new Error(`${agent.binary} is not on PATH.`);
  // Below our own directory, which nobody else can read.
  const { ucodeHome } = context.environment;
  await makeDirectory(ucodeHome);
  const home = await mkdtemp(path.join(ucodeHome, 'try-'));
  const proxy =
    agent.auth === 'proxy' && !global
      ? await LoopbackProxy.start({
          workspaceUrl,
          tokens: await context.tokens(workspaceUrl),
          transport: context.transport,
        })
      : undefined;
  try {
    // Tokens are those of the real home: only the agent gets another one.
    const own = {
      HOME: home,
      USERPROFILE: home,
      XDG_CONFIG_HOME: path.join(home, '.config'),
      XDG_DATA_HOME: path.join(home, '.local', 'share'),
      XDG_STATE_HOME: path.join(home, '.local', 'state'),
      XDG_CACHE_HOME: path.join(home, '.cache'),
      UCODE_HOME: ucodeHome,
      TMPDIR: home,
    };
    const variables = { ...withoutHomes(context.environment.variables), ...own };
    const environment = {
      ...context.environment,
      home,
      ucodeHome: path.join(home, '.ucode'),
      workingDirectory: home,
      variables,
    };
    const tried: AgentSetup = {
      ...setup,
      environment,
      endpoint:
        proxy === undefined ? setup.endpoint : { origin: proxy.origin, auth: { kind: 'proxy', secret: proxy.secret } },
      telemetry: undefined,
    };
    const files = global ? agent.globalFiles(tried) : agent.privateFiles(tried);
    await applyEdits(files, agent.id, new Journal(path.join(home, 'journal')));
    const prompt = agent.promptArgs('Answer with the one word: ready');
    const { args, env } = global
      ? { args: prompt, env: agent.globalVariables?.(tried) ?? {} }
      : agent.launch(tried, prompt);
    await runTry({ program, args, variables: { ...variables, ...QUIET, ...env }, directory: home, environment });
  } finally {
    await proxy?.close();
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Variables that name an agent's own directory: a try has others. */
const HOMES = new Set(['CODEX_HOME', 'CLAUDE_CONFIG_DIR', 'GEMINI_CLI_HOME', 'PI_CODING_AGENT_DIR', 'OPENCODE_CONFIG']);

function withoutHomes(variables: Environment['variables']): Environment['variables'] {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !HOMES.has(name)));
}

/** A try neither updates the agent nor reports to its maker. */
const QUIET = {
  CI: '1',
  NO_COLOR: '1',
  DISABLE_AUTOUPDATER: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  GEMINI_CLI_TRUST_WORKSPACE: 'true',
  PI_OFFLINE: '1',
  PI_TELEMETRY: '0',
};
