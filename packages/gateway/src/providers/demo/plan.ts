import { lastPrompt, type Conversation } from './conversation.ts';
import type { Behaviour } from './scenario.ts';
import { schemaInstance } from './schema-instance.ts';
import { asksForFile, chooseCall, fileWish, type ToolCall } from './shell-tool.ts';
import { DEMO_THINKING } from './signature.ts';

/** Says the demo when nothing special is asked of it. */
export const DEMO_TEXT = 'Hello from the ucode demo model. All done.';
/** Says the demo when its tool call has been answered. */
export const DEMO_TOOL_TEXT = 'The tool ran. Final answer from the ucode demo model.';
/** Says the demo when it should call a tool and none fits. */
export const DEMO_NO_TOOL_TEXT = 'The ucode demo model found no usable tool in this request.';

/** What an answer will contain, before it is put into a dialect. */
export interface Plan {
  readonly model: string;
  /** Shown thinking, or `undefined`. */
  readonly thinking: string | undefined;
  /** The answer's text in the pieces a stream sends; empty when a tool is called. */
  readonly deltas: readonly string[];
  readonly call: ToolCall | undefined;
  /** Whether usage is reported at all. */
  readonly usage: boolean;
  /** What ids are made from: the same request gets the same answer, byte for byte. */
  readonly seed: string;
}

/** Decides the answer. */
export function makePlan(conversation: Conversation, behaviour: Behaviour, seed: string): Plan {
  const outcome = decide(conversation, behaviour);
  return {
    model: conversation.model.split('+', 1)[0] ?? '',
    thinking: conversation.wantsThinking ? DEMO_THINKING : undefined,
    deltas: typeof outcome === 'string' ? deltas(outcome, behaviour) : [],
    call: typeof outcome === 'string' ? undefined : outcome,
    usage: behaviour.noUsage !== true,
    seed,
  };
}

function decide(conversation: Conversation, behaviour: Behaviour): string | ToolCall {
  const { tools, turns, answerSchema } = conversation;
  if (behaviour.text !== undefined) return behaviour.text;
  if (answerSchema !== undefined) return JSON.stringify(jsonAnswer(answerSchema));
  const prompt = lastPrompt(turns);
  const said = prompt.text.replace(/\[demo:[^\]\n]{0,500}\]/gi, '');
  const isForced = behaviour.tool === true || behaviour.call !== undefined;
  if (!isForced && (!asksForFile(said) || tools.length === 0)) return DEMO_TEXT;
  if (prompt.toolsAnswered && behaviour.again !== true) return DEMO_TOOL_TEXT;
  if (behaviour.call !== undefined) return namedCall(conversation, behaviour.call) ?? DEMO_NO_TOOL_TEXT;
  return chooseCall(tools, fileWish(said)) ?? DEMO_NO_TOOL_TEXT;
}

function namedCall({ tools }: Conversation, name: string): ToolCall | undefined {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) return undefined;
  const filled = schemaInstance(tool.schema, { command: 'echo hi', text: 'hello' });
  return { tool, command: 'echo hi', args: typeof filled === 'object' ? { ...filled } : {}, input: 'hello' };
}

function jsonAnswer(schema: unknown): unknown {
  const isAnything = typeof schema === 'object' && schema !== null && Object.keys(schema).length === 0;
  return isAnything ? {} : schemaInstance(schema, { command: 'demo', text: 'demo' });
}

function deltas(text: string, { chunks, hugeBytes }: Behaviour): string[] {
  const pieces =
    chunks === undefined
      ? (text.match(/\S+\s*/g) ?? [text])
      : Array.from({ length: chunks.count }, (_, index) => `chunk-${index} `);
  return hugeBytes === undefined ? pieces : [...pieces, 'x'.repeat(hugeBytes)];
}
