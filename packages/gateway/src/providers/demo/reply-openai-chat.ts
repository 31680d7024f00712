import type { Conversation } from './conversation.ts';
import { at } from './json-view.ts';
import type { Plan } from './plan.ts';
import { argumentPieces, dataEvent, DEMO_CREATED, demoId, type Reply } from './reply.ts';
import type { ToolCall } from './shell-tool.ts';
import { chatUsage } from './usage.ts';

/** The plan as a chat completion. Usage in a stream only when `stream_options.include_usage` asks for it. */
export function replyOpenAiChat(plan: Plan, { body }: Conversation): Reply {
  const head = { id: demoId('chatcmpl-', plan.seed), created: DEMO_CREATED, model: plan.model };
  const finish = plan.call === undefined ? 'stop' : 'tool_calls';
  const call = plan.call === undefined ? undefined : toolCall(plan.call, plan.seed);
  const message = {
    role: 'assistant',
    content: call === undefined ? plan.deltas.join('') : null,
    ...(plan.thinking === undefined ? {} : { reasoning_content: plan.thinking }),
    ...(call === undefined ? {} : { tool_calls: [call] }),
  };
  const chunk = (delta: object, finishReason: string | null = null): object => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
  const wantsUsage = plan.usage && at(body, 'stream_options', 'include_usage') === true;
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    ...(plan.thinking === undefined ? [] : [chunk({ reasoning_content: plan.thinking })]),
    ...plan.deltas.map((content) => chunk({ content })),
    ...(call === undefined ? [] : callDeltas(call).map((delta) => chunk({ tool_calls: [{ index: 0, ...delta }] }))),
    chunk({}, finish),
    ...(wantsUsage ? [{ ...head, object: 'chat.completion.chunk', choices: [], usage: chatUsage }] : []),
  ];
  return {
    json: {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: finish }],
      ...(plan.usage ? { usage: chatUsage } : {}),
    },
    events: [...chunks.map((one) => dataEvent(one)), dataEvent('[DONE]')],
    errorEvent: dataEvent({
      error: { message: 'The demo model failed mid-stream.', type: 'server_error', code: 'server_error' },
    }),
    ping: ': ping\n\n',
    headers: { 'x-request-id': demoId('req_', plan.seed) },
  };
}

type ChatCall =
  | { id: string; type: 'function'; function: { name: string; arguments: string } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };

function toolCall(call: ToolCall, seed: string): ChatCall {
  const id = demoId('call_', seed);
  const { name, kind } = call.tool;
  if (kind === 'custom') return { id, type: 'custom', custom: { name, input: call.input } };
  return { id, type: 'function', function: { name, arguments: JSON.stringify(call.args) } };
}

function callDeltas(call: ChatCall): object[] {
  if (call.type === 'custom') {
    const first = { id: call.id, type: call.type, custom: { name: call.custom.name, input: '' } };
    return [first, ...argumentPieces(call.custom.input).map((input) => ({ custom: { input } }))];
  }
  const first = { id: call.id, type: call.type, function: { name: call.function.name, arguments: '' } };
  return [first, ...argumentPieces(call.function.arguments).map((piece) => ({ function: { arguments: piece } }))];
}
