import type { Conversation } from './conversation.ts';
import { at } from './json-view.ts';
import type { Plan } from './plan.ts';
import { includesEncryptedReasoning } from './read-openai-responses.ts';
import { argumentPieces, DEMO_CREATED, demoId, typedEvent, type Reply } from './reply.ts';
import type { ToolCall } from './shell-tool.ts';
import { sign } from './signature.ts';
import { responsesUsage } from './usage.ts';

type Item = Readonly<Record<string, unknown>> & { readonly id: string };
type Push = (type: string, fields: object) => void;

/** The plan as a response: an optional reasoning item, then a message or a tool call. */
export function replyOpenAiResponses(plan: Plan, conversation: Conversation): Reply {
  const events: { readonly type: string; readonly [field: string]: unknown }[] = [];
  const push: Push = (type, fields) => void events.push({ type, sequence_number: events.length, ...fields });
  const base = responseBase(plan, conversation);

  push('response.created', { response: base });
  push('response.in_progress', { response: base });
  const output: Item[] = [];
  if (plan.thinking !== undefined) output.push(pushReasoning(push, 0, plan.thinking, plan.seed, conversation));
  const index = output.length;
  output.push(plan.call === undefined ? pushMessage(push, index, plan) : pushCall(push, index, plan.call, plan.seed));
  const usage = plan.usage ? responsesUsage : null;
  const response = { ...base, status: 'completed', output, usage };
  push('response.completed', { response });

  const failed = {
    type: 'response.failed',
    sequence_number: events.length,
    response: {
      ...base,
      status: 'failed',
      error: { code: 'server_error', message: 'The demo model failed mid-stream.' },
    },
  };
  return {
    json: response,
    events: events.map(typedEvent),
    errorEvent: typedEvent(failed),
    ping: ': ping\n\n',
    headers: { 'x-request-id': demoId('req_', plan.seed) },
  };
}

function responseBase(plan: Plan, { body }: Conversation): object {
  return {
    id: demoId('resp_', plan.seed),
    object: 'response',
    created_at: DEMO_CREATED,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: plan.model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: at(body, 'reasoning', 'effort') ?? null, summary: at(body, 'reasoning', 'summary') ?? null },
    store: body.store ?? true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: {},
  };
}

function pushReasoning(push: Push, output_index: number, thinking: string, seed: string, { body }: Conversation): Item {
  const id = demoId('rs_', seed);
  const encrypted = includesEncryptedReasoning(body) ? { encrypted_content: sign(thinking) } : {};
  const part = { type: 'summary_text', text: thinking };
  const hasSummary = Boolean(at(body, 'reasoning', 'summary'));
  const item = { id, type: 'reasoning', summary: hasSummary ? [part] : [], ...encrypted };
  push('response.output_item.added', { output_index, item: { ...item, summary: [] } });
  if (hasSummary) {
    const place = { item_id: id, output_index, summary_index: 0 };
    push('response.reasoning_summary_part.added', { ...place, part: { ...part, text: '' } });
    push('response.reasoning_summary_text.delta', { ...place, delta: thinking });
    push('response.reasoning_summary_text.done', { ...place, text: thinking });
    push('response.reasoning_summary_part.done', { ...place, part });
  }
  push('response.output_item.done', { output_index, item });
  return item;
}

function pushMessage(push: Push, output_index: number, { deltas, seed }: Plan): Item {
  const id = demoId('msg_', seed);
  const text = deltas.join('');
  const part = { type: 'output_text', annotations: [], logprobs: [], text };
  const item = { id, type: 'message', status: 'completed', role: 'assistant', content: [part] };
  const place = { item_id: id, output_index, content_index: 0 };
  push('response.output_item.added', { output_index, item: { ...item, status: 'in_progress', content: [] } });
  push('response.content_part.added', { ...place, part: { ...part, text: '' } });
  for (const delta of deltas) push('response.output_text.delta', { ...place, delta, logprobs: [] });
  push('response.output_text.done', { ...place, text, logprobs: [] });
  push('response.content_part.done', { ...place, part });
  push('response.output_item.done', { output_index, item });
  return item;
}

function pushCall(push: Push, output_index: number, call: ToolCall, seed: string): Item {
  const { item, started, argument } = callItem(call, seed);
  push('response.output_item.added', { output_index, item: started });
  if (argument !== undefined) {
    const place = { item_id: item.id, output_index };
    for (const delta of argumentPieces(argument.value)) push(`${argument.event}.delta`, { ...place, delta });
    push(`${argument.event}.done`, { ...place, [argument.field]: argument.value });
  }
  push('response.output_item.done', { output_index, item });
  return item;
}

interface CallItem {
  readonly item: Item;
  readonly started: Item;
  /** What is streamed; `undefined` when the item comes as a whole. */
  readonly argument: { readonly event: string; readonly field: string; readonly value: string } | undefined;
}

function callItem({ tool, args, input, command }: ToolCall, seed: string): CallItem {
  const common = { status: 'completed', call_id: demoId('call_', seed) };
  const grouped = tool.namespace === undefined ? {} : { namespace: tool.namespace };
  if (tool.kind === 'local-shell') {
    const action = { type: 'exec', command: ['bash', '-lc', command], env: {} };
    const item = { id: demoId('lsh_', seed), type: 'local_shell_call', ...common, action };
    return { item, started: { ...item, status: 'in_progress' }, argument: undefined };
  }
  if (tool.kind === 'custom') {
    const item = { id: demoId('ctc_', seed), type: 'custom_tool_call', ...common, name: tool.name, input, ...grouped };
    const argument = { event: 'response.custom_tool_call_input', field: 'input', value: input };
    return { item, started: { ...item, status: 'in_progress', input: '' }, argument };
  }
  const value = JSON.stringify(args);
  const item = {
    id: demoId('fc_', seed),
    type: 'function_call',
    ...common,
    name: tool.name,
    arguments: value,
    ...grouped,
  };
  const argument = { event: 'response.function_call_arguments', field: 'arguments', value };
  return { item, started: { ...item, status: 'in_progress', arguments: '' }, argument };
}
