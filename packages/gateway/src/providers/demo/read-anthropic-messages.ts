import type { Conversation, OfferedTool, Turn } from './conversation.ts';
import { at, contentText, records, text } from './json-view.ts';
import { isIntact } from './signature.ts';

/** Reads a Messages request. `role: "system"` inside `messages` is allowed, as Claude Code sends it. */
export function readAnthropicMessages(body: Readonly<Record<string, unknown>>): Conversation {
  const messages = records(body.messages);
  const thinking = at(body, 'thinking', 'type');
  return {
    dialect: 'anthropic-messages',
    model: text(body.model) ?? '',
    stream: body.stream === true,
    turns: messages.map(turn),
    tools: at(body, 'tool_choice', 'type') === 'none' ? [] : records(body.tools).flatMap(tool),
    answerSchema: at(body, 'output_config', 'format', 'schema') ?? at(body, 'output_format', 'schema'),
    wantsThinking: thinking !== undefined && thinking !== 'disabled',
    signaturesIntact: messages
      .flatMap((message) => records(message.content))
      .every((block) => block.type !== 'thinking' || isIntact(block.signature, text(block.thinking))),
    body,
  };
}

function turn(message: Record<string, unknown>): Turn {
  if (message.role !== 'user') return { kind: 'other' };
  if (records(message.content).some((block) => block.type === 'tool_result')) return { kind: 'tool-result' };
  return { kind: 'user', text: contentText(message.content) };
}

function tool(entry: Record<string, unknown>): OfferedTool[] {
  const name = text(entry.name);
  // A deferred tool must be searched for before it may be called.
  if (name === undefined || entry.defer_loading === true) return [];
  return [{ name, schema: entry.input_schema, kind: 'function', namespace: undefined }];
}
