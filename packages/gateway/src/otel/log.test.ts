import { describe, expect, it } from 'vitest';
import { createLogger, redact } from './log.ts';

describe('redact', () => {
  it.each([
    'ucg_abcdefghijklmnop',
    'sk-ant-api03-abcdefghijkl',
    'sk-proj-abcdefghijkl',
    'AIzaSyA1234567890',
    'Bearer abc.def-ghi_jkl',
  ])('hides %s', (secret) => expect(redact(`before ${secret} after`)).toBe('before [redacted] after'));
});

describe('createLogger', () => {
  it('writes JSON lines without the secrets it is given', () => {
    const lines: string[] = [];
    const log = createLogger('info', { write: (line: string) => void lines.push(line) });
    log.info(
      { headers: { authorization: 'x' }, token: 'abc', text: 'key sk-ant-0123456789' },
      'hello ucg_0123456789ab',
    );
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'info', msg: 'hello [redacted]', token: '[redacted]', text: 'key [redacted]' });
    expect(lines[0]).not.toContain('0123456789');
  });
});
