import type { Conversation, OfferedTool, Turn } from './conversation.ts';
import { at, contentText, records, text } from './json-view.ts';

/** Reads a chat completion request. */
export function readOpenAiChat(body: Readonly<Record<string, unknown>>): Conversation {
  const format = at(body, 'response_format', 'type');
  return {
    dialect: 'openai-chat',
    model: text(body.model) ?? '',
    stream: body.stream === true,
    turns: records(body.messages).map(turn),
    tools: body.tool_choice === 'none' ? [] : records(body.tools).flatMap(tool),
    answerSchema: at(body, 'response_format', 'json_schema', 'schema') ?? (format === 'json_object' ? {} : undefined),
    wantsThinking: typeof body.reasoning_effort === 'string' && body.reasoning_effort !== 'none',
    signaturesIntact: true,
    body,
  };
}

function turn(message: Record<string, unknown>): Turn {
  if (message.role === 'tool' || message.role === 'function') return { kind: 'tool-result' };
  return message.role === 'user' ? { kind: 'user', text: contentText(message.content) } : { kind: 'other' };
}

function tool(entry: Record<string, unknown>): OfferedTool[] {
  if (entry.type === 'custom') {
    const name = text(at(entry, 'custom', 'name')) ?? text(entry.name);
    return name === undefined ? [] : [{ name, schema: undefined, kind: 'custom', namespace: undefined }];
  }
  const name = text(at(entry, 'function', 'name'));
  if (name === undefined) return [];
  return [{ name, schema: at(entry, 'function', 'parameters'), kind: 'function', namespace: undefined }];
}
