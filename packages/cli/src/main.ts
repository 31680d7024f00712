import { agentNamed } from './agents/names.ts';
import type { AgentId } from './agents/agent.ts';
import { readEnvironment } from './platform/read-environment.ts';
import { version } from './lib/version.ts';

/**
 * What comes before an agent's name on the command line is ours, what comes after it the agent's, byte for byte. So
 * this is read by hand, before any parser is loaded.
 */
interface AgentCall {
  /** `undefined`: none is named, so the one that admins have published as the default. */
  readonly agent: AgentId | undefined;
  readonly args: readonly string[];
  readonly options: { readonly workspace?: string; readonly model?: string; readonly provider?: string };
  readonly verbose: boolean;
}

const VALUED = { '--workspace': 'workspace', '--model': 'model', '--provider': 'provider' } as const;
/** Flags of the original that need nothing of us: launches never wait for a check, and follow what admins publish. */
const IGNORED = new Set(['--skip-preflight', '--skip-managed-config']);

/** The call of an agent in a command line, or `undefined` where it is another command. */
export function agentCall(argv: readonly string[]): AgentCall | undefined {
  const options: Record<string, string> = {};
  let verbose = false;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const [flag = '', attached] = word.startsWith('--') && word.includes('=') ? splitOnce(word) : [word];
    if (flag in VALUED) {
      const value = attached ?? argv[++at];
      if (value === undefined) return undefined;
      options[VALUED[flag as keyof typeof VALUED]] = value;
    } else if (word === '--verbose') verbose = true;
    else if (word === '--') return { agent: undefined, args: argv.slice(at + 1), options, verbose };
    else if (!IGNORED.has(word)) {
      const agent = agentNamed(word);
      return agent === undefined ? undefined : { agent, args: argv.slice(at + 1), options, verbose };
    }
  }
  return { agent: undefined, args: [], options, verbose };
}

async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === '--version' || argv[0] === '-V') return void process.stdout.write(`${version}\n`);
  const environment = readEnvironment();
  const call = agentCall(argv);
  if (call === undefined) {
    const { runProgram } = await import('./commands/program.ts');
    process.exitCode = await runProgram(argv, environment);
    return;
  }
  const { agent, args, options, verbose } = call;
  const { runLaunch, runDefaultLaunch } = await import('./commands/run-launch.ts');
  process.exitCode = await (agent === undefined
    ? runDefaultLaunch(args, options, environment, verbose)
    : runLaunch(agent, args, options, environment, verbose));
}

function splitOnce(word: string): [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

// Whoever reads the output may have read enough: `ucode usage | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
await main(process.argv.slice(2));
