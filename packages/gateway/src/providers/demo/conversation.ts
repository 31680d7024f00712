import type { DialectId } from '../../dialects/dialect.ts';

/** A tool as the caller offers it. */
export interface OfferedTool {
  readonly name: string;
  /** JSON schema of its arguments; `undefined` for free-form tools. */
  readonly schema: unknown;
  readonly kind: 'function' | 'custom' | 'local-shell';
  /** Codex groups tools; a call names the group again. */
  readonly namespace: string | undefined;
}

/** One turn, reduced to what the demo decides by. */
export type Turn =
  | { readonly kind: 'user'; readonly text: string }
  | { readonly kind: 'tool-result' }
  | { readonly kind: 'other' };

/** A generate request of any dialect, as the demo sees it. */
export interface Conversation {
  readonly dialect: DialectId;
  readonly model: string;
  readonly stream: boolean;
  readonly turns: readonly Turn[];
  /** Tools that may be called: none when the caller's tool choice says so. */
  readonly tools: readonly OfferedTool[];
  /** The schema a structured answer must fit; `{}` when any JSON will do. */
  readonly answerSchema: unknown;
  /** Whether the answer should show its thinking. */
  readonly wantsThinking: boolean;
  /** Whether every signature of ours came back as it was given. */
  readonly signaturesIntact: boolean;
  /** The request's own JSON, for what only one dialect's reply needs. */
  readonly body: Readonly<Record<string, unknown>>;
}

// What clients put into user turns by themselves, which nobody asked for.
const INSERTED_TAGS = ['system-reminder', 'environment_context', 'reminder', 'session_context'];
const INSERTED_TURN = /^Your response above was cut off mid-stream/;

/** The last thing the user said, and whether tools have answered since. */
export function lastPrompt(turns: readonly Turn[]): { readonly text: string; readonly toolsAnswered: boolean } {
  let toolsAnswered = false;
  for (const turn of turns.toReversed()) {
    if (turn.kind === 'tool-result') toolsAnswered = true;
    if (turn.kind !== 'user') continue;
    const said = withoutInserted(turn.text).trim();
    if (said !== '' && !INSERTED_TURN.test(said)) return { text: said, toolsAnswered };
  }
  return { text: '', toolsAnswered };
}

// By hand, not by a regular expression: the text is the caller's and may be megabytes.
function withoutInserted(text: string): string {
  let rest = text;
  for (const tag of INSERTED_TAGS) {
    const kept: string[] = [];
    let from = 0;
    for (;;) {
      const start = rest.indexOf(`<${tag}>`, from);
      const end = start < 0 ? -1 : rest.indexOf(`</${tag}>`, start);
      if (end < 0) break;
      kept.push(rest.slice(from, start));
      from = end + tag.length + 3;
    }
    rest = kept.join('') + rest.slice(from);
  }
  return rest;
}
