import type { Plan } from './plan.ts';
import { argumentPieces, demoId, typedEvent, type Reply } from './reply.ts';
import { sign } from './signature.ts';
import { DEMO_USAGE, messagesUsage } from './usage.ts';

interface Block {
  /** As it stands in a whole message. */
  readonly whole: object;
  /** As its `content_block_start` shows it. */
  readonly start: object;
  readonly deltas: readonly object[];
}

/** The plan as a message: optional signed thinking, then text or a tool use. */
export function replyAnthropicMessages(plan: Plan): Reply {
  const blocks = [...(plan.thinking === undefined ? [] : [thinkingBlock(plan.thinking)]), answerBlock(plan)];
  const stop_reason = plan.call === undefined ? 'end_turn' : 'tool_use';
  const head = { id: demoId('msg_', plan.seed), type: 'message', role: 'assistant', model: plan.model };
  const usage = (output: number): object => (plan.usage ? { usage: messagesUsage(output) } : {});
  const ended = { type: 'message_delta', delta: { stop_reason, stop_sequence: null } };
  const events = [
    { type: 'message_start', message: { ...head, content: [], stop_reason: null, stop_sequence: null, ...usage(1) } },
    ...blocks.flatMap((block, index) => [
      { type: 'content_block_start', index, content_block: block.start },
      ...(index === 0 ? [{ type: 'ping' }] : []),
      ...block.deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    plan.usage ? { ...ended, usage: { output_tokens: DEMO_USAGE.output } } : ended,
    { type: 'message_stop' },
  ];
  return {
    json: {
      ...head,
      content: blocks.map((block) => block.whole),
      stop_reason,
      stop_sequence: null,
      ...usage(DEMO_USAGE.output),
    },
    events: events.map(typedEvent),
    errorEvent: typedEvent({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded (demo)' } }),
    ping: typedEvent({ type: 'ping' }),
    headers: { 'request-id': demoId('req_', plan.seed) },
  };
}

function thinkingBlock(thinking: string): Block {
  const signature = sign(thinking);
  return {
    whole: { type: 'thinking', thinking, signature },
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      { type: 'thinking_delta', thinking },
      { type: 'signature_delta', signature },
    ],
  };
}

function answerBlock({ call, deltas, seed }: Plan): Block {
  if (call === undefined) {
    return {
      whole: { type: 'text', text: deltas.join('') },
      start: { type: 'text', text: '' },
      deltas: deltas.map((text) => ({ type: 'text_delta', text })),
    };
  }
  const use = { type: 'tool_use', id: demoId('toolu_', seed), name: call.tool.name };
  const pieces = argumentPieces(JSON.stringify(call.args));
  return {
    whole: { ...use, input: call.args },
    start: { ...use, input: {} },
    deltas: pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  };
}
