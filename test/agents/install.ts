// Installs the pinned coding agents from npm, each into its own prefix under `.agents/` in the repository root.
// Run by itself to warm a machine: node scripts/node24.mjs test/agents/install.ts [name…]
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeBinary, repositoryRoot } from '../support/repository.ts';

/** How one agent is installed: `npm install`, or `npm pack` where the published bundle stands alone. */
export interface AgentPackage {
  package: string;
  version: string;
  /** `scripts`: its postinstall puts the native binary in place, so install scripts must run. */
  method: 'install' | 'install-with-scripts' | 'pack';
  /** The executable under the prefix. A `.js` file is run with Node 24. */
  executable: string;
}

/** The pinned versions: the newest ones each recipe and expectation was measured against. */
export const agentPackages = {
  codex: {
    package: '@openai/codex',
    version: '0.169.0',
    method: 'install',
    executable: 'node_modules/.bin/codex',
  },
  'claude-code': {
    package: '@anthropic-ai/claude-code',
    version: '2.1.330',
    method: 'install-with-scripts',
    executable: 'node_modules/.bin/claude',
  },
  'gemini-cli': {
    package: '@google/gemini-cli',
    version: '0.61.0',
    method: 'install',
    executable: 'node_modules/.bin/gemini',
  },
  opencode: {
    package: 'opencode-ai',
    version: '1.18.33',
    method: 'install-with-scripts',
    executable: 'node_modules/.bin/opencode',
  },
  copilot: {
    package: '@github/copilot',
    version: '1.0.102',
    method: 'install',
    executable: 'node_modules/.bin/copilot',
  },
  pi: {
    package: '@earendil-works/pi-coding-agent',
    version: '1.5.2',
    method: 'pack',
    executable: 'package/dist/bundle/cli.js',
  },
} as const satisfies Record<string, AgentPackage>;

export type AgentName = keyof typeof agentPackages;

/** An agent on this machine: `argv` starts it (node and script, or the executable alone). */
export interface InstalledAgent {
  name: AgentName;
  version: string;
  argv: readonly string[];
}

const run = promisify(execFile);
const CONCURRENT_INSTALLS = 2;
const ATTEMPTS = 2;
const pending = new Map<AgentName, Promise<InstalledAgent>>();

/** The agent, installed now unless it already is. A second call for the same agent joins the first. */
export function ensureAgent(name: AgentName): Promise<InstalledAgent> {
  let installation = pending.get(name);
  if (!installation) {
    installation = installWithRetry(name);
    pending.set(name, installation);
  }
  return installation;
}

/** Installs all named agents, two at a time. Rejects with every failure, after all have been tried. */
export async function ensureAgents(names: readonly AgentName[]): Promise<InstalledAgent[]> {
  const queue = [...names];
  const installed: InstalledAgent[] = [];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name; name = queue.shift()) {
      try {
        installed.push(await ensureAgent(name));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_INSTALLS }, worker));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
  return installed;
}

async function installWithRetry(name: AgentName): Promise<InstalledAgent> {
  const spec: AgentPackage = agentPackages[name];
  const prefix = path.join(repositoryRoot, '.agents', `${name}-${spec.version}`);
  for (let attempt = 1; !existsSync(prefix); attempt++) {
    const partial = `${prefix}.partial-${process.pid}`;
    try {
      await install(spec, partial);
      await rename(partial, prefix);
    } catch (error) {
      // Another process may have finished the same prefix meanwhile: then the loop ends.
      if (attempt >= ATTEMPTS && !existsSync(prefix)) {
        throw new Error(`Cannot install ${spec.package}@${spec.version}: ${lastLines(error)}`, { cause: error });
      }
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  const executable = path.join(prefix, spec.executable);
  return { name, version: spec.version, argv: executable.endsWith('.js') ? [nodeBinary, executable] : [executable] };
}

/** The prefix directory only gets its final name when the installation is complete: its presence is the stamp. */
async function install(spec: AgentPackage, prefix: string): Promise<void> {
  await rm(prefix, { recursive: true, force: true });
  await mkdir(prefix, { recursive: true });
  await writeFile(path.join(prefix, 'package.json'), '{"name":"agent-prefix","private":true}\n');
  const id = `${spec.package}@${spec.version}`;
  if (spec.method === 'pack') {
    await npm(prefix, 'pack', id);
    const archive = (await readdir(prefix)).find((file) => file.endsWith('.tgz'));
    if (!archive) throw new Error(`npm pack ${id} left no archive`);
    await run('tar', ['xzf', archive], { cwd: prefix });
    await rm(path.join(prefix, archive));
  } else {
    await npm(prefix, 'install', '--no-save', `--ignore-scripts=${spec.method === 'install'}`, id);
  }
  if (!existsSync(path.join(prefix, spec.executable))) throw new Error(`${id} has no ${spec.executable}`);
}

/** Runs npm in a prefix of its own, without the settings of the npm that runs the tests. */
export async function npm(cwd: string, ...args: string[]): Promise<void> {
  const env: NodeJS.ProcessEnv = { ...process.env };
  // `npm test` hands its own settings down; the prefix must be the agent's, not the repository's.
  for (const name of ['npm_config_local_prefix', 'npm_config_prefix', 'npm_config_workspace', 'NODE_OPTIONS']) {
    delete env[name];
  }
  env['PATH'] = `${path.dirname(nodeBinary)}${path.delimiter}${env['PATH'] ?? ''}`;
  const quiet = ['--no-fund', '--no-audit', '--no-update-notifier', '--loglevel=error', '--package-lock=false'];
  await run('npm', [...args, ...quiet], { cwd, env, timeout: 600_000, maxBuffer: 16 * 1024 * 1024 });
}

function lastLines(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return (stderr.trim() || String(error)).split('\n').slice(-6).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  const known = Object.keys(agentPackages) as AgentName[];
  const installed = await ensureAgents(names.length > 0 ? known.filter((name) => names.includes(name)) : known);
  for (const agent of installed) console.log(`${agent.name} ${agent.version}`);
}
