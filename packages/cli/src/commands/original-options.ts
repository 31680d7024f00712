import { Option, type Command } from 'commander';
import { UsageError } from '../terminal/terminal.ts';

/** Options of the original's `configure` that ask for what ours does anyway. */
const TAKEN = ['--enable-fable', '--disable-databricks-ai-tools', '--skip-upgrade'];

/** Those that ours cannot do, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  '--disable-fable': 'Every model that you may use is offered. An admin decides with grants which these are.',
  '--enable-databricks-ai-tools': 'The tools of another vendor are not installed.',
  '--mcp [names]': 'MCP servers cannot be set up yet.',
  '--tracing': 'Traces through MLflow are not set up. For OpenTelemetry there is: ucode configure telemetry',
};

/** Lets `configure` take the options of the original, or say why it does not. They are not in the help. */
export function addOriginalOptions(command: Command): void {
  for (const flags of TAKEN) command.addOption(new Option(flags).hideHelp());
  for (const [flags, why] of Object.entries(REFUSED)) {
    const option = new Option(flags).hideHelp();
    command.addOption(option).on(`option:${option.name()}`, () => {
      throw new UsageError(`${flags.split(' ')[0]}: ${why}`);
    });
  }
}
