import { parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { editDotenv } from './dotenv-edit.ts';
import { FileUnreadable } from './file-edit.ts';
import { editJson } from './json-edit.ts';
import { editToml } from './toml-edit.ts';

describe('JSON', () => {
  test('keeps comments, order and indentation', () => {
    const text = '{\n    // mine\n    "theme": "dark", // too\n    "env": { "A": "1" },\n}\n';
    const after = editJson('f', text, [
      [['env', 'B'], '2'],
      [['hooks', 'x'], [1]],
    ]);
    expect(after).toContain('// mine\n    "theme": "dark", // too');
    expect(parseJsonc(after)).toEqual({ theme: 'dark', env: { A: '1', B: '2' }, hooks: { x: [1] } });
    expect(parseJsonc(editJson('f', after, [[['env', 'B'], undefined]]))).toMatchObject({ env: { A: '1' } });
  });

  test.each(['[]', '{"a":', 'nonsense', '{"a" 1}'])('%s is left alone', (text) => {
    expect(() => editJson('f', text, [[['a'], 1]])).toThrow(FileUnreadable);
  });

  test.each([undefined, '', '\n'])('%j becomes a file', (text) => {
    expect(JSON.parse(editJson('f', text, [[['a'], 1]]))).toEqual({ a: 1 });
  });
});

describe('TOML', () => {
  const mine = `# my settings
model = "gpt-5" # I like it
approval_policy = "never"

# servers
[mcp_servers.docs]
command = "docs" # keep

[model_providers.other]
name = "Other"
`;
  const change = {
    keys: { model_provider: 'ucode', model: 'system.ai.gpt-5-5' },
    tables: {
      'model_providers.ucode': { name: 'AI Gateway', base_url: 'http://x/v1', auth: { command: 'a', args: ['b c'] } },
    },
  };

  test('keeps comments and what is not ours', () => {
    const after = editToml('f', mine, change);
    expect(after).toContain('# my settings\n');
    expect(after).toContain('# servers\n[mcp_servers.docs]\ncommand = "docs" # keep\n');
    expect(parseToml(after)).toEqual({
      model: 'system.ai.gpt-5-5',
      approval_policy: 'never',
      model_provider: 'ucode',
      mcp_servers: { docs: { command: 'docs' } },
      model_providers: { other: { name: 'Other' }, ucode: change.tables['model_providers.ucode'] },
    });
  });

  test('a second time changes nothing, and taking it out leaves the rest', () => {
    const once = editToml('f', mine, change);
    expect(editToml('f', once, change)).toBe(once);
    const out = editToml('f', once, {
      keys: { model_provider: undefined, model: 'gpt-5' },
      tables: { 'model_providers.ucode': undefined },
    });
    expect(parseToml(out)).toEqual(parseToml(mine));
    expect(out).toContain('# servers');
  });

  test.each([
    ['no TOML', 'model = '],
    ['an inline table where ours would go', 'model_providers = { ucode = { name = "x" } }'],
    ['a multi-line string that looks like a header', 'a = """\n[model_providers.ucode]\nx = 1\n"""\n'],
  ])('%s is left alone', (_, text) => {
    expect(() => editToml('f', text, change)).toThrow(FileUnreadable);
  });

  test.each([undefined, '', '# only a comment\n', '[a]\nb = 1\n', 'a = 1\r\n[b]\r\n'])('%j', (text) => {
    const after = editToml('f', text, change);
    expect(parseToml(after)).toMatchObject({ ...parseToml(text ?? ''), model_provider: 'ucode' });
  });
});

describe('dotenv', () => {
  test.each([
    [undefined, 'A=2\n'],
    ['# mine\nB=1\n', '# mine\nB=1\nA=2\n'],
    ['A=1\nB=1\nexport A = 3\n', 'A=2\nB=1\n'],
    ['AA=1\r\nA=0\r\n', 'AA=1\r\nA=2\r\n'],
  ])('%j', (text, after) => {
    expect(editDotenv(text, { A: '2' })).toBe(after);
  });

  test('values are quoted where they must be, and variables go away', () => {
    expect(editDotenv('A=1\n', { A: undefined, B: 'x y"$z' })).toBe('B="x y\\"\\$z"\n');
  });
});
