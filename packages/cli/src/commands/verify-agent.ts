import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AgentSetup } from '../agents/agent.ts';
import { applyEdits } from '../files/apply-edits.ts';
import { Journal } from '../files/journal.ts';
import { printable } from '../lib/printable.ts';
import { withoutSecrets } from '../lib/without-secrets.ts';
import { quoteForCmd } from '../platform/run-agent.ts';
import { LoopbackProxy } from '../proxy/loopback-proxy.ts';
import type { AgentPlan } from '../setup/plan-configuration.ts';
import { findProgram } from '../setup/find-agent.ts';
import type { Context } from './context.ts';

/** How long an agent may take to answer, milliseconds. */
const TIMEOUT_MS = 60_000;

/**
 * Has an agent answer a real prompt through the gateway, in a home directory of its own, so that nothing of the user's
 * is touched.
 * @throws Error with the end of what it printed.
 */
export async function verifyAgent(
  context: Context,
  { agent, setup, global }: AgentPlan,
  workspaceUrl: string,
): Promise<void> {
  const program = await findProgram(agent, context.environment);
  if (program === undefined) throw new Error(`${agent.binary} is not on PATH.`);
  // Below our own directory: some agents read no settings where others may write.
  const { ucodeHome } = context.environment;
  await mkdir(ucodeHome, { recursive: true, mode: 0o700 });
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
    const {
      CODEX_HOME: _c,
      CLAUDE_CONFIG_DIR: _d,
      GEMINI_CLI_HOME: _g,
      PI_CODING_AGENT_DIR: _p,
      ...variables
    } = context.environment.variables;
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
    await run(
      program,
      args,
      { ...variables, ...QUIET, ...own, ...env },
      home,
      context.environment.platform === 'win32',
    );
  } finally {
    await proxy?.close();
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
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

function run(
  program: string,
  args: readonly string[],
  variables: Record<string, string | undefined>,
  directory: string,
  windows: boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(windows ? quoteForCmd(program) : program, windows ? args.map(quoteForCmd) : [...args], {
      cwd: directory,
      env: variables,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: windows,
    });
    let output = '';
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString('utf8')).slice(-4_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve();
      const why =
        signal === 'SIGKILL'
          ? `did not answer within ${TIMEOUT_MS / 1000} s`
          : `ended with ${signal ?? `status ${code}`}`;
      const last = withoutSecrets(printable(output.trim().split('\n').slice(-5).join('\n'), 1_000));
      reject(new Error(last === '' ? `it ${why}.` : `it ${why}:\n${last}`));
    });
  });
}
