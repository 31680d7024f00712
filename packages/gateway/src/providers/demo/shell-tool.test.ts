import { describe, expect, it } from 'vitest';
import type { OfferedTool } from './conversation.ts';
import { asksForFile, chooseCall, fileWish, shellCommand } from './shell-tool.ts';

const COMMAND = 'echo hi > f.txt && cat f.txt';
const commandSchema = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };

function tool(name: string, fields: Partial<OfferedTool> = {}): OfferedTool {
  return { name, schema: commandSchema, kind: 'function', namespace: undefined, ...fields };
}

describe('a wish for a file', () => {
  it.each([
    ['Create the file f.txt with the text hi using the shell.', 'f.txt', 'hi'],
    ['"Create the file f.txt with the text hi using the shell."', 'f.txt', 'hi'],
    ['create a file `out/a-1.md` with text "one, two" please', 'out/a-1.md', 'one, two'],
    ['Please create file b.txt containing the text hello world.', 'b.txt', 'hello world'],
    ['create a file', 'f.txt', 'hi'],
    ['create the file ../x.txt with the text a', 'f.txt', 'a'],
    ['create the file a/../../x.txt with the text a', 'f.txt', 'a'],
    ['create the file /etc/x.txt with the text a', 'f.txt', 'a'],
  ])('%s', (prompt, name, content) => {
    expect(asksForFile(prompt)).toBe(true);
    expect(fileWish(prompt)).toEqual({ name, content });
  });

  it('is not in every prompt', () => {
    expect(asksForFile('Read the file f.txt')).toBe(false);
  });
});

describe('the command', () => {
  it('is plain for plain text and quoted for the rest', () => {
    expect(shellCommand({ name: 'f.txt', content: 'hi' })).toBe(COMMAND);
    expect(shellCommand({ name: 'f.txt', content: "it's $(x)" })).toBe(
      String.raw`printf '%s\n' 'it'\''s $(x)' > f.txt && cat f.txt`,
    );
  });
});

describe('chooseCall', () => {
  const wish = { name: 'f.txt', content: 'hi' };

  it.each(['exec_command', 'Bash', 'run_shell_command', 'bash', 'shell'])('takes %s', (name) => {
    const chosen = chooseCall([tool('read'), tool('write'), tool(name)], wish);
    expect(chosen).toMatchObject({ tool: { name }, args: { command: COMMAND } });
  });

  it('fills the argument vector of the older Codex shell', () => {
    const schema = { type: 'object', properties: { command: { type: 'array' } }, required: ['command'] };
    expect(chooseCall([tool('shell', { schema })], wish)?.args).toEqual({ command: ['bash', '-lc', COMMAND] });
  });

  it('writes the file directly where there is no shell', () => {
    const schema = {
      type: 'object',
      properties: { file_path: { type: 'string' }, content: { type: 'string' } },
      required: ['file_path', 'content'],
    };
    expect(chooseCall([tool('write_file', { schema })], wish)?.args).toEqual({ file_path: 'f.txt', content: 'hi' });
  });

  it('runs code where that is all there is, and nothing where nothing fits', () => {
    const exec = tool('exec', { kind: 'custom', namespace: 'functions' });
    expect(chooseCall([exec], wish)?.input).toContain(JSON.stringify(COMMAND));
    expect(chooseCall([tool('read')], wish)).toBeUndefined();
  });
});
