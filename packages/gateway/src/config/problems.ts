/** One thing wrong with the configuration. Never holds a resolved secret. */
export interface ConfigProblem {
  /** The file as it was named, or `environment` or `command line`. */
  readonly file: string;
  /** 1-based; `undefined` where there is no file to point into. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Where in the file, `model_services[0].config.routing`; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
  /** What to do, as a sentence without its final dot. */
  readonly cure: string;
}

/** The configuration is invalid. `message` has one line per problem, each with its cure. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(renderProblem).join('\n'));
    this.problems = problems;
  }
}

/** `gateway.yaml:12:5: model_services[0].name: message. Cure: …` */
export function renderProblem(problem: ConfigProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const key = problem.key === '' ? '' : ` ${problem.key}:`;
  return `${place}:${key} ${problem.message}. Cure: ${problem.cure}.`;
}

/** Where a value stands: keys and list indexes from the root. */
export type KeyPath = readonly (string | number)[];

/** `['users', 0, 'name']` as `users[0].name`. */
export function renderKey(path: KeyPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** Collects what is wrong at a place in the file; the place becomes file, line and column. */
export type Report = (path: KeyPath, message: string, cure: string) => void;
