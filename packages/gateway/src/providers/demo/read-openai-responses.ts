import type { Conversation, OfferedTool, Turn } from './conversation.ts';
import { at, contentText, list, records, text } from './json-view.ts';
import { isIntact } from './signature.ts';

/** Reads a Responses request: string or item input, namespaces and `additional_tools` of Codex included. */
export function readOpenAiResponses(body: Readonly<Record<string, unknown>>): Conversation {
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : records(body.input);
  const sentAsItems = items.filter((item) => item.type === 'additional_tools').flatMap((item) => records(item.tools));
  return {
    dialect: 'openai-responses',
    model: text(body.model) ?? '',
    stream: body.stream === true,
    turns: items.map(turn),
    tools: body.tool_choice === 'none' ? [] : [...sentAsItems, ...records(body.tools)].flatMap((one) => tools(one)),
    answerSchema:
      at(body, 'text', 'format', 'schema') ?? (at(body, 'text', 'format', 'type') === 'json_object' ? {} : undefined),
    wantsThinking: includesEncryptedReasoning(body) || Boolean(at(body, 'reasoning', 'summary')),
    signaturesIntact: items.every(
      (item) =>
        item.type !== 'reasoning' || typeof item.encrypted_content !== 'string' || isIntact(item.encrypted_content),
    ),
    body,
  };
}

/** Whether the caller wants reasoning back in the form it can return later. */
export function includesEncryptedReasoning(body: Readonly<Record<string, unknown>>): boolean {
  return list(body.include).includes('reasoning.encrypted_content');
}

function turn(item: Record<string, unknown>): Turn {
  if (typeof item.type === 'string' && item.type.endsWith('_output')) return { kind: 'tool-result' };
  return item.role === 'user' ? { kind: 'user', text: contentText(item.content) } : { kind: 'other' };
}

function tools(entry: Record<string, unknown>, namespace?: string): OfferedTool[] {
  if (entry.type === 'namespace') return records(entry.tools).flatMap((one) => tools(one, text(entry.name)));
  if (entry.type === 'local_shell') {
    return [{ name: 'local_shell', schema: undefined, kind: 'local-shell', namespace }];
  }
  const name = text(entry.name);
  if (name === undefined) return [];
  return [{ name, schema: entry.parameters, kind: entry.type === 'custom' ? 'custom' : 'function', namespace }];
}
