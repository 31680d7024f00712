import { stripVTControlCharacters, styleText } from 'node:util';
import type { Environment } from '../platform/environment.ts';
import { printable } from '../lib/printable.ts';
import { withoutSecrets } from '../lib/without-secrets.ts';
import { UsageError, type Terminal } from './terminal.ts';

/** Where text goes; streams of the process, or of a test. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ConsoleTerminalOptions {
  readonly environment: Environment;
  readonly out: Output;
  readonly err: Output;
  readonly verbose: boolean;
}

type Style = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

/** See `Terminal`. Prompts are loaded when the first one is asked. */
export class ConsoleTerminal implements Terminal {
  readonly interactive: boolean;
  readonly #options: ConsoleTerminalOptions;
  readonly #colour: boolean;

  constructor(options: ConsoleTerminalOptions) {
    const { environment, err } = options;
    const { NO_COLOR, FORCE_COLOR, TERM } = environment.variables;
    this.#options = options;
    this.interactive = environment.interactive;
    this.#colour = !NO_COLOR && (Boolean(FORCE_COLOR) || (err.isTTY === true && TERM !== 'dumb'));
  }

  get width(): number {
    return this.#options.err.columns ?? 80;
  }

  data(text: string): void {
    this.#options.out.write(`${text}\n`);
  }

  done(text: string): void {
    this.#say(`${this.#style('green', '✓')} ${text}`);
  }

  note(text: string): void {
    this.#say(text);
  }

  warn(text: string): void {
    this.#say(`${this.#style('yellow', '!')} ${text}`);
  }

  fail(text: string, cure?: string): void {
    this.#say(`${this.#style('red', 'Error:')} ${text}`);
    if (cure !== undefined) this.#say(`  ${cure}`);
  }

  debug(text: string): void {
    if (this.#options.verbose) this.#say(this.#style('dim', withoutSecrets(printable(text, 4_000))));
  }

  table(rows: readonly Readonly<Record<string, string>>[], columns: readonly string[]): void {
    const tty = this.#options.out.isTTY === true;
    const cells = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
    if (!tty) return this.data(cells.map((row) => row.join('\t')).join('\n'));
    const widths = columns.map((_, at) => Math.max(...cells.map((row) => displayWidth(row[at] ?? ''))));
    // Numbers end below each other.
    const numeric = columns.map((_, at) => cells.slice(1).every((row) => /^[-$\d,.]*$/.test(row[at] ?? '')));
    const line = (row: readonly string[]): string =>
      row
        .map((cell, at) => {
          const space = ' '.repeat((widths[at] ?? 0) - displayWidth(cell));
          return numeric[at] ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd();
    for (const [at, row] of cells.entries()) this.data(at === 0 ? this.#style('bold', line(row)) : line(row));
  }

  async ask(question: string, options: { readonly flag: string; readonly placeholder?: string }): Promise<string> {
    const { text } = await this.#prompts(question, options.flag);
    return answered(
      await text({
        message: question,
        ...(options.placeholder === undefined ? {} : { placeholder: options.placeholder }),
      }),
    );
  }

  async confirm(question: string, options: { readonly flag: string; readonly initial: boolean }): Promise<boolean> {
    const { confirm } = await this.#prompts(question, options.flag);
    return answered(await confirm({ message: question, initialValue: options.initial }));
  }

  async choose<T>(
    question: string,
    choices: readonly { readonly value: T; readonly label: string; readonly hint?: string }[],
    options: { readonly flag: string },
  ): Promise<T> {
    const { select } = await this.#prompts(question, options.flag);
    const chosen = await select({
      message: question,
      options: choices.map(({ label, hint }, value) => ({ value, label, ...(hint === undefined ? {} : { hint }) })),
    });
    return valueAt(choices, answered(chosen));
  }

  async chooseSeveral<T>(
    question: string,
    choices: readonly { readonly value: T; readonly label: string; readonly selected: boolean }[],
    options: { readonly flag: string },
  ): Promise<T[]> {
    const { multiselect } = await this.#prompts(question, options.flag);
    const chosen = await multiselect({
      message: question,
      required: false,
      options: choices.map(({ label }, value) => ({ value, label })),
      initialValues: choices.flatMap(({ selected }, value) => (selected ? [value] : [])),
    });
    return answered(chosen).map((at) => valueAt(choices, at));
  }

  #say(text: string): void {
    this.#options.err.write(`${text}\n`);
  }

  #style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }

  #prompts(question: string, flag: string) {
    if (!this.interactive) {
      throw new UsageError(`'${question.replace(/[?:]\s*$/, '')}' cannot be asked without a terminal. Give ${flag}.`);
    }
    return import('@clack/prompts');
  }
}

/** Somebody pressed Ctrl-C at a question. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer === 'symbol') throw new Cancelled('Cancelled.');
  return answer as Exclude<T, symbol>;
}

function valueAt<T>(choices: readonly { readonly value: T }[], at: number): T {
  const choice = choices[at];
  if (choice === undefined) throw new Error('No such choice.');
  return choice.value;
}

function displayWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
