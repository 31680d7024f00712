/** How the demo misbehaves on one request. Absent or `false`: it does not. */
export interface Behaviour {
  readonly slowFirstByteMs?: number;
  readonly silenceMs?: number;
  readonly hang?: true;
  readonly cut?: true;
  readonly cleanCut?: true;
  readonly malformed?: true;
  readonly error?: { readonly status: number; readonly retryAfter: string | undefined };
  readonly html?: number;
  readonly sseError?: true;
  readonly errorIn200?: true;
  readonly hugeBytes?: number;
  readonly byteByByte?: true;
  readonly chunks?: { readonly count: number; readonly delayMs: number };
  readonly wrongType?: true;
  readonly gzip?: true;
  readonly redirect?: true;
  readonly tool?: true;
  readonly again?: true;
  readonly call?: string;
  readonly text?: string;
  readonly noUsage?: true;
  readonly pings?: true;
}

/** A scenario text that cannot be read; the message says which part. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

interface Part {
  /** How many arguments of its own stand before `times`. */
  readonly ownArguments: number;
  read(args: readonly string[]): Behaviour;
}

const flag = (behaviour: Behaviour): Part => ({ ownArguments: 0, read: () => behaviour });

const LONGEST_MS = 600_000;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_CHUNKS = 100_000;
const MOST_KEYS = 10_000;

/** Every directive. `name[:its own arguments][:times[:more]]` */
const PARTS: Readonly<Record<string, Part>> = {
  'slow-first-byte': { ownArguments: 1, read: ([ms]) => ({ slowFirstByteMs: number(ms, LONGEST_MS) }) },
  silence: { ownArguments: 1, read: ([ms]) => ({ silenceMs: number(ms, LONGEST_MS) }) },
  hang: flag({ hang: true }),
  cut: flag({ cut: true }),
  'clean-cut': flag({ cleanCut: true }),
  malformed: flag({ malformed: true }),
  error: {
    ownArguments: 1,
    read: ([status, , retryAfter]) => ({ error: { status: httpStatus(status), retryAfter: retryAfter || undefined } }),
  },
  html: { ownArguments: 1, read: ([status]) => ({ html: httpStatus(status) }) },
  'sse-error': flag({ sseError: true }),
  'error-in-200': flag({ errorIn200: true }),
  huge: { ownArguments: 1, read: ([bytes]) => ({ hugeBytes: number(bytes, MOST_BYTES) }) },
  'byte-by-byte': flag({ byteByByte: true }),
  chunks: {
    ownArguments: 2,
    read: ([count, delay]) => ({
      chunks: { count: number(count, MOST_CHUNKS), delayMs: delay ? number(delay, LONGEST_MS) : 0 },
    }),
  },
  'wrong-type': flag({ wrongType: true }),
  gzip: flag({ gzip: true }),
  redirect: flag({ redirect: true }),
  tool: flag({ tool: true }),
  again: flag({ again: true }),
  call: { ownArguments: 1, read: ([name]) => ({ call: name ?? '' }) },
  'no-usage': flag({ noUsage: true }),
  pings: flag({ pings: true }),
};

/** Remembers how often each directive has been obeyed, so that `times` can bound it. */
export class DirectiveCounter {
  readonly #obeyed = new Map<string, number>();

  /** Whether the directive of this key may be obeyed once more; counts it if so. */
  take(key: string, times: number): boolean {
    const obeyed = this.#obeyed.get(key) ?? 0;
    if (obeyed >= times) return false;
    if (times === Infinity) return true;
    this.#obeyed.set(key, obeyed + 1);
    if (this.#obeyed.size > MOST_KEYS) this.#obeyed.delete(this.#obeyed.keys().next().value ?? '');
    return true;
  }
}

/**
 * What a scenario text means for this request: parts joined by `+`, and `#id` at the end to count apart
 * from others that say the same. Counts the parts it obeys.
 * @throws ScenarioError for an unknown directive or a bad argument.
 */
export function readScenario(scenario: string, counter: DirectiveCounter): Behaviour {
  const [directives = '', id = ''] = splitId(scenario.trim());
  let behaviour: Behaviour = {};
  for (const directive of directives.split('+').map((part) => part.trim())) {
    if (directive === '') continue;
    const { result, times } = readDirective(directive);
    if (counter.take(`${directive}#${id}`, times)) behaviour = { ...behaviour, ...result };
  }
  return behaviour;
}

/**
 * The scenario text of a request: the `x-demo-scenario` header, else what follows `+` in the model name,
 * else `[demo: ...]` in the prompt.
 */
export function scenarioText(header: string | undefined, model: string, prompt: string): string {
  if (header !== undefined) return header;
  const plus = model.indexOf('+');
  if (plus >= 0) return model.slice(plus + 1);
  return /\[demo:\s*([^\]\n]{1,500})\]/i.exec(prompt)?.[1] ?? '';
}

function readDirective(directive: string): { result: Behaviour; times: number } {
  const [name = '', ...args] = directive.split(':');
  if (name === 'text') return { result: { text: args.join(':') }, times: Infinity };
  const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
  if (part === undefined) throw new ScenarioError(`unknown demo directive '${name}'`);
  return { result: part.read(args), times: timesOf(args[part.ownArguments]) };
}

function splitId(scenario: string): string[] {
  const hash = scenario.lastIndexOf('#');
  return hash < 0 ? [scenario] : [scenario.slice(0, hash), scenario.slice(hash + 1).trim()];
}

function timesOf(argument: string | undefined): number {
  return argument === undefined || argument === '' || argument === 'inf' ? Infinity : number(argument, 1_000_000);
}

function number(argument: string | undefined, most: number): number {
  const value = Number(argument || Number.NaN);
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new ScenarioError(`demo directive argument '${argument ?? ''}' is not a whole number from 0 to ${most}`);
  }
  return value;
}

function httpStatus(argument: string | undefined): number {
  const status = number(argument, 599);
  if (status < 200) throw new ScenarioError(`demo directive argument '${status}' is not a final HTTP status`);
  return status;
}
