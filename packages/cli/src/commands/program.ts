import { Command, CommanderError } from 'commander';
import { aliasesOf } from '../agents/names.ts';
import { agentIds } from '../agents/registry.ts';
import { version } from '../lib/version.ts';
import type { Environment } from '../platform/environment.ts';
import { ConsoleTerminal } from '../terminal/console-terminal.ts';
import { exitCodes } from '../terminal/terminal.ts';
import { Context } from './context.ts';
import { commands } from './index.ts';
import { reportFailure } from './report-failure.ts';

/** The command line of everything that is no agent. */
export function buildProgram(context: Context): Command {
  const program = new Command('ucode')
    .description('Signs in, configures and launches coding agents on an AI gateway.')
    .version(version, '-V, --version')
    .option('--verbose', 'say more; secrets are left out')
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(add --help for more)')
    .addHelpText('after', EXAMPLES);
  describeAgents(program);
  for (const register of commands) register(program, context);
  return program;
}

/** Heading of the agents in the help. */
export const AGENTS = 'Agents (everything after the name goes to the agent as it is):';

/** Agents stand in the help, in completions and among suggestions; their command lines are read before this one is. */
function describeAgents(program: Command): void {
  for (const id of agentIds) {
    program
      .command(id)
      .aliases(aliasesOf(id))
      .helpGroup(AGENTS)
      .argument('[args...]')
      .description(`start ${id} on the gateway`)
      .addHelpText('after', `\nExamples:\n  ucode ${id}\n  ucode --model system.ai.gpt-5-5 ${id}\n`);
  }
}

/** Runs a command of ours. @returns the exit code. */
export async function runProgram(argv: readonly string[], environment: Environment): Promise<number> {
  const { verbose, rest } = readVerbose(argv);
  const terminal = new ConsoleTerminal({ environment, out: process.stdout, err: process.stderr, verbose });
  const context = new Context(environment, terminal);
  try {
    await buildProgram(context).parseAsync(rest, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return reportFailure(error, terminal);
  } finally {
    context.close();
  }
}

/** `--verbose` may stand anywhere; all other options belong to the command that they follow. The original's has a value. */
function readVerbose(argv: readonly string[]): { verbose: boolean; rest: string[] } {
  const at = argv.indexOf('--verbose');
  if (at < 0) return { verbose: false, rest: [...argv] };
  const value = ['low', 'normal'].find((one) => one === argv[at + 1]);
  return { verbose: value === undefined, rest: argv.toSpliced(at, value === undefined ? 1 : 2) };
}

const EXAMPLES = `
Before an agent's name: --workspace URL, --model ID, --provider CAT.SCH.NAME.
Without one, or with -- and its arguments: the default agent, where admins have published one.

Examples:
  ucode claude                       start Claude Code; signs in and sets up the first time
  ucode codex exec "fix the tests"   arguments are the agent's
  ucode --model system.ai.gpt-5-5 codex
  ucode configure --agents codex,claude --workspaces https://gateway.example.com
  ucode usage                        what you have used, and what is left
  ucode doctor                       what is wrong, and its cure
  ucode revert                       put every file back as it was
`;
