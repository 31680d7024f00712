import type { StreamDecoder } from './dialect.ts';
import type { SseFrame } from '../framing/sse.ts';
import { EventWriter } from '../ir/event-writer.ts';
import type { StreamEvent } from '../ir/events.ts';
import { asRecord, type JsonRecord, parseJson } from '../lib/json-value.ts';

/**
 * What the stream decoders share: every frame is one JSON object, nothing is read after the terminal event, nothing is
 * ever thrown. A dialect says what one object means.
 */
export abstract class JsonStreamDecoder implements StreamDecoder {
  protected readonly writer = new EventWriter();

  step(frame: SseFrame): StreamEvent[] {
    if (this.writer.ended) return [];
    const message = asRecord(parseJson(frame.data));
    if (message !== undefined) return this.stepJson(message, frame.event);
    this.writer.error('The provider sent something that is not a JSON object.', undefined, frame.data.slice(0, 1024));
    return this.writer.take();
  }

  /** Takes one event already parsed. @param event its `event:` field, where the data does not name its type. */
  stepJson(message: JsonRecord, event: string | undefined): StreamEvent[] {
    if (this.writer.ended) return [];
    try {
      this.accept(message, event);
    } catch {
      // Only nesting deeper than the stack can hold comes here.
      this.writer.error('The provider sent an event that cannot be read.', undefined, undefined);
    }
    return this.writer.take();
  }

  end(): StreamEvent[] {
    this.acceptEnd();
    this.writer.error('The provider ended the stream before its last event.', undefined, undefined);
    return this.writer.take();
  }

  /** Writes the events of one object. May throw on nesting too deep. */
  protected abstract accept(message: JsonRecord, event: string | undefined): void;

  /** Writes the terminal event when all that was needed for it has been seen. */
  protected acceptEnd(): void {}
}
