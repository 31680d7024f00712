import { mergeUsage } from './merge-usage.ts';
import type { FinishReason, OpaqueReasoning, StreamEvent } from './events.ts';
import type { TokenUsage } from './usage.ts';

/**
 * Checks the laws of a whole event stream (see `StreamEvent`).
 * @returns the violations in words; empty when the stream is lawful.
 */
export function checkLaws(events: readonly StreamEvent[]): string[] {
  const violations: string[] = [];
  const open = new Map<string, string>();
  const seen = new Set<string>();
  let terminals = 0;
  events.forEach((event, index) => {
    const at = `event ${index} (${event.type})`;
    if (terminals > 0) violations.push(`${at} follows the terminal event`);
    switch (event.type) {
      case 'message-start':
        if (index !== 0) violations.push(`${at} is not the first`);
        break;
      case 'text-start':
      case 'reasoning-start':
      case 'tool-input-start':
        if (seen.has(event.block)) violations.push(`${at} reuses block ${event.block}`);
        seen.add(event.block);
        open.set(event.block, kindOf(event.type));
        break;
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-input-delta':
      case 'text-end':
      case 'reasoning-end':
      case 'tool-input-end':
        if (open.get(event.block) !== kindOf(event.type)) violations.push(`${at} names no open block: ${event.block}`);
        if (event.type.endsWith('-end')) open.delete(event.block);
        break;
      case 'usage':
        violations.push(...checkUsage(event.usage).map((violation) => `${at}: ${violation}`));
        break;
      case 'finish':
      case 'error':
        terminals++;
        break;
    }
  });
  for (const block of open.keys()) violations.push(`block ${block} is never ended`);
  if (terminals === 0) violations.push('there is no terminal event');
  return violations;
}

/** The laws of one usage value: counts are whole and not negative, parts fit into their totals. */
export function checkUsage(usage: TokenUsage): string[] {
  const violations: string[] = [];
  for (const name of ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'reasoning'] as const) {
    const value = usage[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) violations.push(`${name} is ${value}`);
  }
  const cached = (usage.cacheRead ?? 0) + (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0);
  if (usage.input !== undefined && cached > usage.input)
    violations.push(`cached parts ${cached} exceed input ${usage.input}`);
  if (usage.output !== undefined && (usage.reasoning ?? 0) > usage.output) {
    violations.push(`reasoning ${usage.reasoning} exceeds output ${usage.output}`);
  }
  return violations;
}

/** One block of a finished message, in the order in which the blocks began. */
export type FoldedBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly opaque: OpaqueReasoning | undefined }
  | {
      readonly type: 'tool-input';
      readonly callId: string;
      readonly name: string;
      readonly providerExecuted: boolean;
      readonly json: string;
    };

/** What a stream says in all; law: folding a stream equals folding the whole answer of the same generation. */
export interface FoldedMessage {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly blocks: readonly FoldedBlock[];
  /** Merged over all usage events; `undefined` when there was none. */
  readonly usage: TokenUsage | undefined;
  readonly finish: FinishReason | undefined;
  readonly error: { readonly message: string; readonly code: string | undefined } | undefined;
}

/** Folds lawful events into the message they spell. */
export function foldEvents(events: readonly StreamEvent[]): FoldedMessage {
  let id: string | undefined;
  let model: string | undefined;
  let usage: TokenUsage | undefined;
  let finish: FinishReason | undefined;
  let error: FoldedMessage['error'];
  const order: string[] = [];
  const blocks = new Map<string, FoldedBlock>();
  const pieces = new Map<string, string[]>();
  const start = (name: string, block: FoldedBlock): void => {
    order.push(name);
    blocks.set(name, block);
    pieces.set(name, []);
  };
  for (const event of events) {
    if (event.type === 'message-start') ({ id, model } = event);
    else if (event.type === 'text-start') start(event.block, { type: 'text', text: '' });
    else if (event.type === 'reasoning-start') start(event.block, { type: 'reasoning', text: '', opaque: undefined });
    else if (event.type === 'tool-input-start') {
      const { callId, name, providerExecuted } = event;
      start(event.block, { type: 'tool-input', callId, name, providerExecuted, json: '' });
    } else if (event.type === 'text-delta' || event.type === 'reasoning-delta')
      pieces.get(event.block)?.push(event.text);
    else if (event.type === 'tool-input-delta') pieces.get(event.block)?.push(event.json);
    else if (event.type === 'reasoning-end') {
      const block = blocks.get(event.block);
      if (block?.type === 'reasoning') blocks.set(event.block, { ...block, opaque: event.opaque });
    } else if (event.type === 'usage') usage = mergeUsage(usage, event.usage);
    else if (event.type === 'finish') finish = event.reason;
    else if (event.type === 'error') error = { message: event.message, code: event.code };
  }
  const folded = order.map((name): FoldedBlock => {
    const block = blocks.get(name) as FoldedBlock;
    const content = (pieces.get(name) ?? []).join('');
    return block.type === 'tool-input' ? { ...block, json: content } : { ...block, text: content };
  });
  return { id, model, blocks: folded, usage, finish, error };
}

function kindOf(type: StreamEvent['type']): string {
  return type.slice(0, type.lastIndexOf('-'));
}
