import { describe, expect, it } from 'vitest';
import { DirectiveCounter, readScenario, ScenarioError, scenarioText } from './scenario.ts';

describe('readScenario', () => {
  it('joins parts', () => {
    const behaviour = readScenario('slow-first-byte:20+error:429:2:7+pings', new DirectiveCounter());
    expect(behaviour).toEqual({ slowFirstByteMs: 20, error: { status: 429, retryAfter: '7' }, pings: true });
  });

  it('obeys a bounded directive so many times, each id apart', () => {
    const counter = new DirectiveCounter();
    const read = (text: string): boolean => readScenario(text, counter).cut === true;
    expect([read('cut:2'), read('cut:2'), read('cut:2'), read('cut:2#a')]).toEqual([true, true, false, true]);
    expect([read('cut'), read('cut:inf'), read('cut')]).toEqual([true, true, true]);
  });

  it('reads chunks with and without delay, and texts with colons', () => {
    const counter = new DirectiveCounter();
    expect(readScenario('chunks:3', counter)).toEqual({ chunks: { count: 3, delayMs: 0 } });
    expect(readScenario('chunks:3:5', counter)).toEqual({ chunks: { count: 3, delayMs: 5 } });
    expect(readScenario('text:a: b', counter)).toEqual({ text: 'a: b' });
    expect(readScenario('', counter)).toEqual({});
  });

  it.each(['nope', 'constructor', 'error', 'error:99', 'error:abc', 'huge:1e12', 'silence:-1', 'cut:x'])(
    'refuses %s',
    (text) => {
      expect(() => readScenario(text, new DirectiveCounter())).toThrow(ScenarioError);
    },
  );
});

describe('scenarioText', () => {
  it('prefers the header, then the model name, then the prompt', () => {
    expect(scenarioText('cut', 'demo-x+hang', '[demo: pings]')).toBe('cut');
    expect(scenarioText(undefined, 'demo-x+hang+pings', '[demo: pings]')).toBe('hang+pings');
    expect(scenarioText(undefined, 'demo-x', 'please [demo: error:500:1 #z] now')).toBe('error:500:1 #z');
    expect(scenarioText(undefined, 'demo-x', 'nothing')).toBe('');
  });
});
