import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SseFrame, SseParser } from './sse.ts';

/** Parses in the given cuts; gives the frames and the offset of the last boundary in all the bytes. */
function parse(
  bytes: Buffer,
  cuts: readonly number[] = [],
): { frames: SseFrame[]; boundary: number; parser: SseParser } {
  const parser = new SseParser();
  const frames: SseFrame[] = [];
  let boundary = 0;
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (let index = 1; index < places.length; index++) {
    const from = places[index - 1] as number;
    frames.push(...parser.push(bytes.subarray(from, places[index])));
    if (parser.lastBoundary > 0) boundary = from + parser.lastBoundary;
  }
  frames.push(...parser.end());
  return { frames, boundary, parser };
}

const frames = (text: string): SseFrame[] => parse(Buffer.from(text)).frames;

test('reads fields, comments and several data lines', () => {
  expect(frames('\ufeff: hi\nevent: a\ndata: 1\ndata:2\ndata\nid: 7\n\ndata:  x\n\n')).toEqual([
    { event: 'a', data: '1\n2\n' },
    { event: undefined, data: ' x' },
  ]);
});

test('events without data are no frames, empty data is', () => {
  expect(frames('event: ping\n\n: c\n\ndata:\n\n')).toEqual([{ event: undefined, data: '' }]);
});

test('takes all three line ends, mixed', () => {
  const expected = [
    { event: 'e', data: '1' },
    { event: undefined, data: '2' },
  ];
  for (const end of ['\n', '\r\n', '\r'])
    expect(frames(`event: e${end}data: 1${end}${end}data: 2${end}${end}`)).toEqual(expected);
  expect(frames('event: e\rdata: 1\n\r\ndata: 2\r\r')).toEqual(expected);
});

test('gives the last event although its blank line is missing', () => {
  expect(frames('data: a\n\ndata: [DONE]')).toEqual([
    { event: undefined, data: 'a' },
    { event: undefined, data: '[DONE]' },
  ]);
});

const line = fc.oneof(
  fc.constantFrom(
    'data: é測🎉',
    'data:x',
    ': note',
    'event: e',
    '',
    '',
    'data: {"a":"b"}',
    'id: 1',
    'nonsense',
    'data',
  ),
  fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text)),
);
const stream = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 30 })
  .map((lines) => Buffer.from(lines.map(([text, end]) => text + end).join('')));

test('any cut of the bytes gives the same frames and the same boundary', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (bytes, cuts) => {
      const whole = parse(bytes);
      expect(parse(bytes, cuts).frames).toEqual(whole.frames);
      const single = parse(bytes, Array.from(bytes.keys()));
      expect(single.frames).toEqual(whole.frames);
      expect(single.boundary).toBe(whole.boundary);
    }),
  );
});

test('an event written at a boundary disturbs nothing', () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const { boundary, frames: before } = parse(bytes);
      const own = Buffer.from('data: own\n\n');
      const after = parse(Buffer.concat([bytes.subarray(0, boundary), own, bytes.subarray(boundary)])).frames;
      expect(after.filter(({ data }) => data !== 'own')).toEqual(before);
    }),
  );
});

test('tells whether something partial is pending', () => {
  const parser = new SseParser();
  expect(parser.atBoundary).toBe(true);
  parser.push(Buffer.from('data: x\r\n'));
  expect([parser.atBoundary, parser.lastBoundary]).toEqual([false, 0]);
  parser.push(Buffer.from('\r'));
  expect([parser.atBoundary, parser.lastBoundary]).toEqual([false, 0]);
  parser.push(Buffer.from('\nda'));
  expect([parser.atBoundary, parser.lastBoundary]).toEqual([false, 1]);
  parser.push(Buffer.from('ta: y\n\n'));
  expect([parser.atBoundary, parser.lastBoundary]).toEqual([true, 7]);
});

test('a megabyte byte by byte is one frame', () => {
  const bytes = Buffer.from(`data: ${'é'.repeat(500_000)}\n\n`);
  const parser = new SseParser();
  let found: SseFrame[] = [];
  for (let at = 0; at < bytes.length; at++) found = found.concat(parser.push(bytes.subarray(at, at + 1)));
  expect(found.map(({ data }) => data.length)).toEqual([500_000]);
});

test('frames above the limit are counted, and the stream goes on', () => {
  for (const size of [1, 7, 1000]) {
    const parser = new SseParser({ maxFrameBytes: 64 });
    const bytes = Buffer.from(
      `data: a\n\ndata: ${'x'.repeat(200)}\ndata: y\n\n${'data: 123456\n'.repeat(9)}\ndata: b\n\n`,
    );
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      found.push(...parser.push(bytes.subarray(at, at + size)).map(({ data }) => data));
    }
    expect(found).toEqual(['a', 'b']);
    expect([parser.dropped, parser.atBoundary]).toEqual([2, true]);
  }
});
