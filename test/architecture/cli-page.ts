// Renders the commands of docs/reference/cli.md from the launcher's own command line. Run by itself it writes them:
//   node scripts/node24.mjs test/architecture/cli-page.ts
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Context } from '../../packages/cli/src/commands/context.ts';
import { AGENTS, buildProgram } from '../../packages/cli/src/commands/program.ts';
import { readEnvironment } from '../../packages/cli/src/platform/read-environment.ts';
import { ConsoleTerminal } from '../../packages/cli/src/terminal/console-terminal.ts';

/** Where the page lies. */
export const cliPage = path.join(import.meta.dirname, '..', '..', 'docs', 'reference', 'cli.md');

const BEGIN = '<!-- commands: made by test/architecture/cli-page.ts, do not edit -->';
const END = '<!-- end of commands -->';

/** The part of a page that is made. */
export function commandsOf(page: string): string {
  return page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END));
}

/** Every command with its arguments and options. */
export function renderCommands(): string {
  const environment = readEnvironment();
  const terminal = new ConsoleTerminal({ environment, out: process.stdout, err: process.stderr, verbose: false });
  return `\n\n${[...sections(buildProgram(new Context(environment, terminal)), 'ucode')].join('\n')}\n`;
}

function* sections(command: Command, name: string): Generator<string> {
  // Agents have a section of their own.
  for (const inner of command.createHelp().visibleCommands(command)) {
    if (inner.name() === 'help' || inner.helpGroup() === AGENTS) continue;
    const usage = [`${name} ${inner.name()}`, ...inner.registeredArguments.map(argumentText)].join(' ');
    const rows = inner.options
      .filter(({ hidden }) => !hidden)
      .map((option) => `| \`${option.flags}\` | ${escaped(option.description)} |`);
    const table = rows.length === 0 ? [] : ['| option | |', '| --- | --- |', ...rows, ''];
    yield [`### \`${usage}\``, '', `${capital(inner.description())}.`, '', ...table].join('\n');
    yield* sections(inner, `${name} ${inner.name()}`);
  }
}

function argumentText(argument: Command['registeredArguments'][number]): string {
  const text = argument.name() + (argument.variadic ? '…' : '');
  return argument.required ? `<${text}>` : `[${text}]`;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = readFileSync(cliPage, 'utf8');
  const [before, after] = [page.slice(0, page.indexOf(BEGIN)), page.slice(page.indexOf(END))];
  writeFileSync(cliPage, before + BEGIN + renderCommands() + after);
}
