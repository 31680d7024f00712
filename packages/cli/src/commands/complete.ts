import type { Command } from 'commander';
import { agentNamed, agentNames } from '../agents/names.ts';

/** What may stand before an agent's name and has a value. */
const BEFORE_AGENTS = ['--workspace', '--model', '--provider'];

/**
 * What may stand in place of the last word of a command line, from the program itself. Empty where it is an agent's own
 * argument, or a value that only the user knows: shells offer files there.
 * @param words after `ucode`; the last one is being typed.
 */
export function complete(program: Command, words: readonly string[]): string[] {
  const typed = words.at(-1) ?? '';
  let command = program;
  for (let at = 0; at < words.length - 1; at++) {
    const word = words[at] ?? '';
    const last = at === words.length - 2;
    if (word.startsWith('-')) {
      if (!takesValue(command, word, command === program)) continue;
      if (last) return startingWith(valuesOf(word, typed), typed);
      at++;
    } else {
      if (command === program && agentNamed(word) !== undefined) return [];
      command = command.commands.find((one) => one.name() === word || one.aliases().includes(word)) ?? command;
    }
  }
  const help = command.createHelp();
  const options = help.visibleOptions(command).map(({ long, short }) => long ?? short ?? '');
  const atTop = command === program;
  const names = [
    ...(typed.startsWith('-') ? [...options, ...(atTop ? BEFORE_AGENTS : [])] : []),
    ...help.visibleCommands(command).flatMap((one) => [one.name(), ...one.aliases()]),
    ...command.registeredArguments.flatMap(
      (argument) => argument.argChoices ?? (argument.name() === 'agent' ? agentNames : []),
    ),
  ];
  return startingWith([...new Set(names)], typed);
}

function takesValue(command: Command, word: string, atTop: boolean): boolean {
  if (word.includes('=')) return false;
  const option = command.options.find(({ long, short }) => long === word || short === word);
  return option === undefined ? atTop && BEFORE_AGENTS.includes(word) : option.required || option.optional;
}

/** Names of agents, one or several separated by commas. */
function valuesOf(option: string, typed: string): string[] {
  if (option === '--agent') return [...agentNames];
  if (option !== '--agents') return [];
  const before = typed.slice(0, typed.lastIndexOf(',') + 1);
  const given = before.split(',');
  return agentNames.filter((name) => !given.includes(name)).map((name) => before + name);
}

function startingWith(names: readonly string[], typed: string): string[] {
  return names.filter((name) => name.startsWith(typed));
}
