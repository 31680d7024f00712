import { asArray, asRecord, asString, asText, type JsonRecord } from '../../lib/json-value.ts';

/** An output item that is a tool call, in neutral words. */
export interface CallItem {
  readonly callId: string;
  readonly name: string;
  readonly providerExecuted: boolean;
  /** Freeform input: text, told as one JSON string. */
  readonly isText: boolean;
  /** The whole input as the item carries it; `undefined` while it is still to come. */
  readonly json: string | undefined;
}

/** Hosted tools: the provider runs them itself. */
const HOSTED: ReadonlySet<string> = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
]);

/**
 * Reads an item as a tool call: `function_call`, `custom_tool_call`, and every other `…_call`, whose name is its type
 * without that ending (`local_shell_call` calls `local_shell`). Calls not known as hosted are the client's to run.
 * @returns `undefined` for messages, reasoning and items unknown here.
 */
export function callItem(item: JsonRecord, index: string): CallItem | undefined {
  const type = asString(item['type']) ?? '';
  if (!type.endsWith('_call')) return undefined;
  const callId = asText(item['call_id']) ?? asText(item['id']) ?? `call_${index}`;
  const providerExecuted = HOSTED.has(type) || asText(item['execution']) === 'server';
  if (type === 'custom_tool_call') {
    const input = asText(item['input']);
    const json = input === undefined ? undefined : JSON.stringify(input);
    return { callId, name: asString(item['name']) ?? '', providerExecuted, isText: true, json };
  }
  if (type === 'function_call' || type === 'mcp_call') {
    const name = asString(item['name']) ?? '';
    return { callId, name, providerExecuted, isText: false, json: jsonText(item['arguments']) };
  }
  const name = type.slice(0, -'_call'.length);
  const input = item['action'] ?? item['arguments'] ?? item['operation'] ?? item['code'] ?? item['queries'];
  return { callId, name, providerExecuted, isText: false, json: jsonText(input) };
}

function jsonText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** The readable parts of a reasoning item in order: summary, then text. */
export function reasoningTexts(item: JsonRecord): string[] {
  const parts = [...asArray(item['summary']), ...asArray(item['content'])];
  return parts.map((part) => asText(asRecord(part)?.['text'])).filter((text) => text !== undefined);
}
