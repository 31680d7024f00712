import type { z } from 'zod';
import type { ConfigProblem } from './problems.ts';
import { postgresAddress } from './postgres-url.ts';
import { STATE_URL_FORM, type stateSchema } from './state-schema.ts';

/** Where the state is kept. `url` has a password in it: never serialise this. */
export interface StateConfig {
  /** `postgres://…`; `undefined`: the embedded store in the data directory. */
  readonly url: string | undefined;
  readonly maxConnections: number;
  /** Milliseconds that images of the state are believed while the database is away. */
  readonly staleLimitMs: number;
}

/** The variable that names the database in place of the file. */
const VARIABLE = 'UCODE_GATEWAY_STATE_URL';

interface StateResult {
  readonly state: StateConfig;
  /** Variables that were used. */
  readonly variables: readonly string[];
  /** Values to be kept out of what is shown. */
  readonly secrets: readonly string[];
  readonly problems: readonly ConfigProblem[];
}

/** The section `state`: environment variable, else file, else default. */
export function readState(
  file: z.output<typeof stateSchema>,
  env: Readonly<Record<string, string | undefined>>,
): StateResult {
  const given = env[VARIABLE] || undefined;
  const url = given ?? file.url;
  return {
    state: { url, maxConnections: file.max_connections, staleLimitMs: file.stale_limit },
    variables: given === undefined ? [] : [VARIABLE],
    // Its password alone too: nothing that quotes only that part shows it.
    secrets: url === undefined ? [] : [url, ...passwordsOf(url)],
    problems: given === undefined || postgresAddress(given) !== undefined ? [] : [problem()],
  };
}

/** Where the state is kept, for people: without user and password. */
export function statePlace({ url }: StateConfig): string {
  return url === undefined ? 'embedded, in the data directory' : (postgresAddress(url) ?? 'PostgreSQL');
}

function problem(): ConfigProblem {
  return {
    file: 'environment',
    line: undefined,
    column: undefined,
    key: VARIABLE,
    message: 'not the URL of a PostgreSQL database',
    cure: STATE_URL_FORM.replace(/^e/, 'E'),
  };
}

/** The password as it stands in the URL, and as it is. */
function passwordsOf(url: string): string[] {
  const written = /^[a-z]+:\/\/[^/?#]*?:([^/?#]*)@/i.exec(url)?.[1] ?? /[?&]password=([^&#]*)/.exec(url)?.[1] ?? '';
  return [written, decoded(written)].filter((password) => password.length >= 4);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
