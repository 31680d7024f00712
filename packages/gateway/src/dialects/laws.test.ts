import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SseFrame, SseParser } from '../framing/sse.ts';
import type { StreamEvent } from '../ir/events.ts';
import { checkLaws, foldEvents, type FoldedMessage } from '../ir/laws.ts';
import { parseJson } from '../lib/json-value.ts';
import type { Dialect } from './dialect.ts';
import { dialects } from './index.ts';

/** Decodes a stream cut at the given places. */
function decode(dialect: Dialect, bytes: Buffer, cuts: readonly number[] = []): StreamEvent[] {
  const parser = new SseParser();
  const decoder = dialect.streamDecoder();
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const events: StreamEvent[] = [];
  const step = (frames: SseFrame[]): void => void events.push(...frames.flatMap((frame) => decoder.step(frame)));
  for (let index = 1; index < places.length; index++)
    step(parser.push(bytes.subarray(places[index - 1], places[index])));
  step(parser.end());
  events.push(...decoder.end());
  return events;
}

function framesOf(bytes: Buffer): SseFrame[] {
  const parser = new SseParser();
  return [...parser.push(bytes), ...parser.end()];
}

/** What must be equal between a stream and a whole answer: tool input as a value, usage without the raw object. */
function essence(events: readonly StreamEvent[]): unknown {
  const folded: FoldedMessage = foldEvents(events);
  return {
    ...folded,
    blocks: folded.blocks.map((block) =>
      block.type === 'tool-input' ? { ...block, json: parseJson(block.json) } : block,
    ),
    usage: folded.usage && { ...folded.usage, raw: undefined },
    finish: folded.finish?.unified,
  };
}

describe.each(Object.values(dialects))('$id', (dialect) => {
  const folder = new URL(`./${dialect.id}/captures/`, import.meta.url);
  const files = readdirSync(folder);
  const read = (name: string): Buffer => readFileSync(new URL(name, folder));
  const streams = files.filter((name) => name.endsWith('.sse'));
  const answers = files.filter((name) => name.endsWith('.json'));
  const pairs = streams.filter((name) => answers.includes(name.replace('.sse', '.json')) && name !== 'error.sse');

  test('has captures to be judged by', () => {
    expect(streams.length).toBeGreaterThan(2);
    expect(pairs.length).toBeGreaterThan(1);
    expect(streams.map((name) => decode(dialect, read(name)).at(-1)?.type)).toContain('error');
  });

  test.each(streams)('%s is lawful', (name) => {
    expect(checkLaws(decode(dialect, read(name)))).toEqual([]);
  });

  test.each(answers)('%s is lawful', (name) => {
    expect(checkLaws(dialect.decodeResponse(read(name).toString()))).toEqual([]);
  });

  test.each(pairs)('%s folds to what the whole answer says', (name) => {
    const answer = read(name.replace('.sse', '.json')).toString();
    expect(essence(decode(dialect, read(name)))).toEqual(essence(dialect.decodeResponse(answer)));
  });

  test.each(streams)('%s gives the same events however it is cut', (name) => {
    const bytes = read(name);
    const whole = decode(dialect, bytes);
    expect(decode(dialect, bytes, [...bytes.keys()])).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
        expect(decode(dialect, bytes, cuts)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  test.each(streams)('%s has one terminal frame, and a cut before it is an error', (name) => {
    const frames = framesOf(read(name));
    const terminal = frames.map((frame) => dialect.isTerminal(frame));
    // Chat servers may leave out [DONE]; then nothing is terminal but the end of the bytes.
    const count = terminal.filter(Boolean).length;
    expect(count).toBeLessThanOrEqual(1);
    const decoder = dialect.streamDecoder();
    const early = frames.slice(0, Math.min(2, terminal.indexOf(true) < 0 ? 1 : terminal.indexOf(true)));
    const events = [...early.flatMap((frame) => decoder.step(frame)), ...decoder.end()];
    expect(events.at(-1)?.type).toBe('error');
    expect(checkLaws(events)).toEqual([]);
  });

  test('everything that was seen by the terminal frame is enough for usage and the end', () => {
    for (const name of pairs) {
      const frames = framesOf(read(name));
      const last = frames.findIndex((frame) => dialect.isTerminal(frame));
      if (last < 0) continue;
      const decoder = dialect.streamDecoder();
      const events = [...frames.slice(0, last + 1).flatMap((frame) => decoder.step(frame)), ...decoder.end()];
      expect(foldEvents(events).finish ?? foldEvents(events).error).toBeDefined();
    }
  });

  test('hostile frames give one terminal event and never an exception', () => {
    const known = streams.flatMap((name) => framesOf(read(name)));
    const mutated = fc
      .tuple(fc.constantFrom(...known), fc.nat(), fc.string(), fc.nat({ max: 9 }))
      .map(([frame, at, text, cut]): SseFrame => {
        const place = at % (frame.data.length + 1);
        return { event: frame.event, data: frame.data.slice(0, place) + text + frame.data.slice(place + cut) };
      });
    // The same shapes with any value changed for another of any type.
    const swapped = fc
      .tuple(fc.constantFrom(...known), fc.nat(), fc.jsonValue())
      .map(([frame, at, value]): SseFrame => {
        let count = 0;
        const parsed = parseJson(frame.data);
        const total = JSON.stringify(parsed ?? null).split(/[:,]/).length;
        const swap = (_key: string, old: unknown): unknown => (count++ === 1 + (at % total) ? value : old);
        return { event: frame.event, data: JSON.stringify(parsed ?? null, swap) };
      });
    const random = fc.record({
      event: fc.option(fc.string(), { nil: undefined }),
      data: fc.oneof(fc.string(), fc.json()),
    });
    const frame = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...known) },
      { weight: 3, arbitrary: swapped },
      mutated,
      random,
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 25 }), (frames) => {
        const decoder = dialect.streamDecoder();
        const events = [...frames.flatMap((one) => decoder.step(one)), ...decoder.end(), ...decoder.end()];
        expect(checkLaws(events)).toEqual([]);
        for (const one of frames) dialect.isTerminal(one);
      }),
      { numRuns: 400 },
    );
  });

  test('hostile answers too, nested beyond any stack among them', () => {
    const deep = `${'{"input":'.repeat(30_000)}1${'}'.repeat(30_000)}`;
    const bodies = ['', '{}', '[]', 'null', '<html>', deep, `[${deep}]`];
    for (const name of answers) {
      const text = read(name).toString();
      bodies.push(text.slice(0, -20), text.replace(/\{[^{}]*\}/, deep));
    }
    for (const body of bodies) expect(checkLaws(dialect.decodeResponse(body))).toEqual([]);
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(checkLaws(dialect.decodeResponse(body))).toEqual([]);
      }),
    );
  });
});
