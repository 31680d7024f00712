/**
 * What people and scripts see. Data goes to standard output, talk to standard error. Colour only on a terminal and
 * without `NO_COLOR`; with `--json` only data is written. Nothing asks where nobody can answer.
 */
export interface Terminal {
  readonly interactive: boolean;
  /** Columns of standard error's terminal, 80 where there is none. */
  readonly width: number;
  /** Data, as it is, with a newline. */
  data(text: string): void;
  /** `✓ Signed in as ada`; plain text on dumb terminals. */
  done(text: string): void;
  note(text: string): void;
  warn(text: string): void;
  /** What happened, then the cure on its own line. */
  fail(text: string, cure?: string): void;
  /** Only with `--verbose`; secrets are removed. */
  debug(text: string): void;
  table(rows: readonly Readonly<Record<string, string>>[], columns: readonly string[]): void;
  /** @throws UsageError where nobody can answer: names the flag that would. */
  ask(question: string, options: { readonly flag: string; readonly placeholder?: string }): Promise<string>;
  confirm(question: string, options: { readonly flag: string; readonly initial: boolean }): Promise<boolean>;
  choose<T>(
    question: string,
    choices: readonly { readonly value: T; readonly label: string; readonly hint?: string }[],
    options: { readonly flag: string },
  ): Promise<T>;
  chooseSeveral<T>(
    question: string,
    choices: readonly { readonly value: T; readonly label: string; readonly selected: boolean }[],
    options: { readonly flag: string },
  ): Promise<T[]>;
}

/** Exit codes, as documented in docs/reference/cli.md. An agent's own code is passed through. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, signInNeeded: 4, cancelled: 130 } as const;

/** The command line asks for something that cannot be: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
