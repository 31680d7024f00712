import type { FinishReason, StreamEvent } from '../ir/events.ts';
import { mergeUsage } from '../ir/merge-usage.ts';
import type { TokenUsage } from '../ir/usage.ts';

/** What the observer learned from an answer. */
export interface Observation {
  usage: TokenUsage | undefined;
  finish: FinishReason | undefined;
  /** An error the provider reported inside the answer. */
  error: { readonly message: string; readonly code: string | undefined } | undefined;
  /** Characters of text, reasoning and tool input, for the token estimate rule. */
  textLength: number;
  /** Whether anything the model said has come, beyond the opening event. */
  hasContent: boolean;
}

export function emptyObservation(): Observation {
  return { usage: undefined, finish: undefined, error: undefined, textLength: 0, hasContent: false };
}

/** Adds events to an observation, in place. */
export function observe(observation: Observation, events: readonly StreamEvent[]): void {
  for (const event of events) {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
        observation.textLength += event.text.length;
        observation.hasContent = true;
        break;
      case 'tool-input-delta':
        observation.textLength += event.json.length;
        observation.hasContent = true;
        break;
      case 'tool-input-start':
        observation.hasContent = true;
        break;
      case 'usage':
        observation.usage = mergeUsage(observation.usage, event.usage);
        break;
      case 'finish':
        observation.finish = event.reason;
        break;
      case 'error':
        observation.error = { message: event.message, code: event.code };
        break;
      default:
    }
  }
}
