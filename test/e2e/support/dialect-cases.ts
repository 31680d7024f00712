import { expect } from 'vitest';
import type { CallResult } from './http-call.ts';
import type { ProviderBlock } from './gateway-config.ts';

export interface AskOptions {
  readonly model: string;
  readonly text: string;
  readonly stream: boolean;
}

/** One wire API as the suites need it: how to ask, what a provider answers, what an error looks like. */
export interface DialectCase {
  readonly name: string;
  readonly block: ProviderBlock;
  /** Path and body of a request; the whitespace is deliberate, since bytes must survive. */
  ask(options: AskOptions): { readonly path: string; readonly body: string };
  /** A streamed answer as the provider sends it, one element per event. */
  readonly events: readonly string[];
  /** What stands in `events` only once the answer is complete. */
  readonly terminal: string;
  /** A whole answer. */
  readonly answer: string;
  /** Bytes that keep the connection warm; `undefined` where there must be none. */
  readonly keepalive: string | undefined;
  /** What an error inside the stream looks like. */
  readonly streamError: RegExp;
  /** Checks an error body of this dialect; gives its message and its code or type. */
  error(result: CallResult): { readonly message: string; readonly code: string };
}

const openAiError = (result: CallResult): { message: string; code: string } => {
  const { error } = result.json();
  expect(error).toMatchObject({ message: expect.any(String), type: expect.any(String), code: expect.any(String) });
  return error;
};

const openaiChat: DialectCase = {
  name: 'openai-chat',
  block: 'custom',
  ask: ({ model, text, stream }) => ({
    path: '/ai-gateway/openai/v1/chat/completions',
    body: `{"model" :  ${JSON.stringify(model)},\n "messages":[{"role":"user","content":${JSON.stringify(text)}}], "store":false,"stream":${stream}${
      stream ? ',"stream_options":{"include_usage":true}' : ''
    }}`,
  }),
  events: [
    'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Grüße "},"finish_reason":null}]}\n\n',
    'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"\\u4f60好"},"finish_reason":null}]}\n\n',
    'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":4,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8}}}\n\n',
    'data: [DONE]\n\n',
  ],
  terminal: '[DONE]',
  answer:
    '{"id":"c-1", "object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Gr\\u00fc\\u00dfe"},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":4,"total_tokens":24}}\n',
  keepalive: ':',
  streamError: /data: \{"error":/,
  error: openAiError,
};

const openaiResponses: DialectCase = {
  name: 'openai-responses',
  block: 'custom',
  ask: ({ model, text, stream }) => ({
    path: '/ai-gateway/codex/v1/responses',
    body: `{"input":[{"role":"user","content":[{"type":"input_text","text":${JSON.stringify(text)}}]}],\r\n\t"client_metadata":{"x":null}, "model":${JSON.stringify(model)},"store":false,"stream":${stream}}`,
  }),
  events: [
    'event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":{"id":"r-1","object":"response","status":"in_progress","model":"m","output":[]}}\n\n',
    'event: response.output_item.added\ndata: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"m-1","type":"message","role":"assistant","status":"in_progress","content":[]}}\n\n',
    'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":2,"item_id":"m-1","output_index":0,"content_index":0,"delta":"Grüße"}\n\n',
    'event: response.completed\ndata: {"type":"response.completed","sequence_number":3,"response":{"id":"r-1","object":"response","status":"completed","model":"m","output":[{"id":"m-1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Grüße","annotations":[]}]}],"usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":8},"output_tokens":4,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":24}}}\n\n',
  ],
  terminal: '"type":"response.completed"',
  answer:
    '{"id":"r-1","object":"response","status":"completed","model":"m","output":[{"id":"m-1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Grüße","annotations":[]}]}], "usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":8},"output_tokens":4,"total_tokens":24}}',
  keepalive: ':',
  streamError: /event: (error|response\.failed)\ndata: \{/,
  error: openAiError,
};

const anthropicMessages: DialectCase = {
  name: 'anthropic-messages',
  block: 'anthropic_compatible',
  ask: ({ model, text, stream }) => ({
    path: '/ai-gateway/anthropic/v1/messages?beta=true',
    body: `{ "max_tokens":64,"model":${JSON.stringify(model)},"messages":[{"role":"user","content":${JSON.stringify(text)}}],"safeguards":{"unknown":[1,2.50,1e3]},"stream":${stream} }`,
  }),
  events: [
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m-1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":12,"cache_read_input_tokens":8,"cache_creation_input_tokens":0,"output_tokens":1}}}\n\n',
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße"}}\n\n',
    'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":4}}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  ],
  terminal: 'event: message_stop',
  answer:
    '{"id":"m-1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Grüße"}],"stop_reason":"end_turn","stop_sequence":null, "usage":{"input_tokens":12,"cache_read_input_tokens":8,"cache_creation_input_tokens":0,"output_tokens":4}}',
  keepalive: 'event: ping\ndata: {"type":',
  streamError: /event: error\ndata: \{"type":\s?"error"/,
  error: (result) => {
    const body = result.json();
    expect(body).toMatchObject({ type: 'error', error: { type: expect.any(String), message: expect.any(String) } });
    return { message: body.error.message, code: body.error.type };
  },
};

const gemini: DialectCase = {
  name: 'gemini',
  block: 'gemini',
  ask: ({ model, text, stream }) => ({
    path: `/ai-gateway/gemini/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: `{"contents":[{"role":"user","parts":[{"text":${JSON.stringify(text)}}]}],\n  "generationConfig":{"thinkingConfig":{"includeThoughts":true}}}`,
  }),
  events: [
    'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Gr\\u00fc"}]},"index":0}],"usageMetadata":{"promptTokenCount":20,"totalTokenCount":20},"modelVersion":"m","responseId":"g-1"}\r\n\r\n',
    'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"ße"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":20,"cachedContentTokenCount":8,"candidatesTokenCount":3,"thoughtsTokenCount":1,"totalTokenCount":24},"modelVersion":"m","responseId":"g-1"}\r\n\r\n',
  ],
  terminal: '"finishReason":"STOP"',
  answer:
    '{"candidates":[{"content":{"role":"model","parts":[{"text":"Grüße"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":20,"cachedContentTokenCount":8,"candidatesTokenCount":4,"totalTokenCount":24}, "modelVersion":"m"}',
  keepalive: undefined,
  streamError: /data: \{"error":\s?\{"code":/,
  error: (result) => {
    const { error } = result.json();
    expect(error).toMatchObject({ code: result.status, message: expect.any(String), status: expect.any(String) });
    return { message: error.message, code: error.status };
  },
};

/** All four dialects; every suite that says "in the caller's dialect" runs over them. */
export const dialectCases: readonly DialectCase[] = [openaiChat, openaiResponses, anthropicMessages, gemini];

/** Parameters for `describe.each`. */
export const eachDialect = dialectCases.map((dialect) => [dialect.name, dialect] as const);
