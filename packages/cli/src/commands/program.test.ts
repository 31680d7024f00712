import type { Command } from 'commander';
import { beforeEach, expect, it } from 'vitest';
import { agentNames } from '../agents/names.ts';
import { readEnvironment } from '../platform/read-environment.ts';
import { ConsoleTerminal } from '../terminal/console-terminal.ts';
import { complete } from './complete.ts';
import { Context } from './context.ts';
import { buildProgram } from './program.ts';

let program: Command;
beforeEach(() => {
  const environment = readEnvironment();
  const terminal = new ConsoleTerminal({ environment, out: process.stdout, err: process.stderr, verbose: false });
  program = buildProgram(new Context(environment, terminal));
});

it('shows examples in the help of every command', () => {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  const visible = all(program).filter((one) => one.name() !== 'words');
  expect(visible.length).toBeGreaterThan(20);
  for (const command of visible) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help, command.name()).toContain('Examples:\n  ');
  }
});

it.each([
  [['cl'], ['claude', 'claude-code']],
  [['conf'], ['configure']],
  [['configure', 'tele'], ['telemetry']],
  [['configure', '--skip-v'], ['--skip-validate']],
  [
    ['configure', '--agents', 'codex,cl'],
    ['codex,claude', 'codex,claude-code'],
  ],
  [['configure', '--agents', 'codex', 'cursor'], ['cursor-ide']],
  [['configure', '--workspaces', ''], []],
  [['--workspace', 'https://x', 'code'], ['codex']],
  [['--mod'], ['--model']],
  [['claude', '--mod'], []],
  [['completion', 'ba'], ['bash']],
  [['diff', 'open'], ['opencode']],
])('completes %j', (words, expected) => expect(complete(program, words)).toEqual(expected));

it('completes every agent by name', () => {
  expect(complete(program, [''])).toEqual(expect.arrayContaining([...agentNames]));
});
