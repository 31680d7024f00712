import { expect, test } from 'vitest';
import type { StreamEvent } from './events.ts';
import { checkLaws, foldEvents } from './laws.ts';

const finish: StreamEvent = { type: 'finish', reason: { unified: 'stop', raw: 'stop' } };
const start: StreamEvent = { type: 'text-start', block: 'a' };
const delta: StreamEvent = { type: 'text-delta', block: 'a', text: 'x' };
const end: StreamEvent = { type: 'text-end', block: 'a' };

test('a lawful stream has no violations and folds', () => {
  const events = [start, delta, delta, end, finish];
  expect(checkLaws(events)).toEqual([]);
  expect(foldEvents(events).blocks).toEqual([{ type: 'text', text: 'xx' }]);
});

test.each<[string, StreamEvent[]]>([
  ['no terminal event', [start, end]],
  ['follows the terminal event', [finish, finish]],
  ['names no open block', [delta, finish]],
  ['names no open block', [start, { type: 'reasoning-delta', block: 'a', text: '' }, end, finish]],
  ['reuses block', [start, end, start, end, finish]],
  ['never ended', [start, finish]],
  ['is not the first', [start, end, { type: 'message-start', id: undefined, model: undefined }, finish]],
])('sees a stream where something %s', (words, events) => {
  expect(checkLaws(events).join('\n')).toContain(words);
});

test('sees usage that does not add up', () => {
  const usage = { input: 1, output: 1, cacheRead: 2, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 2, raw: {} };
  expect(checkLaws([{ type: 'usage', usage }, finish])).toHaveLength(2);
});
