import type { OfferedTool } from './conversation.ts';
import { schemaInstance } from './schema-instance.ts';

/** A tool call the demo makes. */
export interface ToolCall {
  readonly tool: OfferedTool;
  /** The shell command it runs, where it runs one. */
  readonly command: string;
  /** Arguments by the tool's schema (function tools). */
  readonly args: Readonly<Record<string, unknown>>;
  /** Free-form input (custom tools). */
  readonly input: string;
}

/** A file to write. */
export interface FileWish {
  readonly name: string;
  readonly content: string;
}

const SHELL_NAMES: ReadonlySet<string> = new Set([
  'shell',
  'local_shell',
  'exec_command',
  'shell_command',
  'container.exec',
  'bash',
  'run_shell_command',
  'execute_bash',
  'run_in_terminal',
]);
const WRITE_NAMES: ReadonlySet<string> = new Set(['write', 'write_file', 'create']);
const LONGEST_PROMPT = 10_000;
const DEFAULT_WISH: FileWish = { name: 'f.txt', content: 'hi' };

/** Whether a prompt asks for a file. */
export function asksForFile(prompt: string): boolean {
  return /\bcreate\s+(?:the\s+|a\s+)?(?:new\s+)?(?:text\s+)?file\b/i.test(prompt);
}

/**
 * The file a prompt wishes for: `file X ... text Y`, with or without quotes; `f.txt` with `hi` otherwise.
 * Only relative names that stay below the working directory are taken: the command really runs.
 */
export function fileWish(wholePrompt: string): FileWish {
  const prompt = wholePrompt.slice(0, LONGEST_PROMPT);
  const name = /\bfile\s+(?:named\s+|called\s+)?["'`]?([\w][\w./-]*)/i.exec(prompt)?.[1]?.replace(/[.]+$/, '');
  const rest = name === undefined ? prompt : prompt.slice(prompt.indexOf(name) + name.length);
  const content =
    /\b(?:text|content|contents)\s*:?\s+(["'`])(.+?)\1/i.exec(rest)?.[2] ??
    /\b(?:text|content|contents)\s*:?\s+([^"'`\n]+?)(?=\s+(?:using|with|via|by|in|and)\b|[.,;"'`\n]|$)/i.exec(
      rest,
    )?.[1];
  const isSafe = name !== undefined && !name.split('/').includes('..') && name.includes('.');
  return { name: isSafe ? name : DEFAULT_WISH.name, content: content?.trim() || DEFAULT_WISH.content };
}

/** The shell command that writes the file and shows it. */
export function shellCommand({ name, content }: FileWish): string {
  const isPlain = /^[\w][\w .-]*$/.test(content) && !content.includes('  ');
  const quoted = isPlain ? content : `'${content.replaceAll("'", String.raw`'\''`)}'`;
  return isPlain ? `echo ${quoted} > ${name} && cat ${name}` : `printf '%s\\n' ${quoted} > ${name} && cat ${name}`;
}

/** The call that fulfils the wish with the tools at hand: a shell, else a file writer, else a code runner. */
export function chooseCall(tools: readonly OfferedTool[], wish: FileWish): ToolCall | undefined {
  const command = shellCommand(wish);
  const named = (names: ReadonlySet<string>): OfferedTool | undefined =>
    tools.find((tool) => tool.kind !== 'custom' && names.has(tool.name.toLowerCase()));
  const shell = named(SHELL_NAMES);
  if (shell !== undefined) return { tool: shell, command, args: argumentsOf(shell, command, 'x'), input: '' };
  const writer = named(WRITE_NAMES);
  if (writer !== undefined) {
    const filled = Object.entries(argumentsOf(writer, command, wish.content));
    const args = Object.fromEntries(filled.map(([key, value]) => [key, /path|file/i.test(key) ? wish.name : value]));
    return { tool: writer, command, args, input: '' };
  }
  const runner = tools.find((tool) => tool.kind === 'custom' && /^(exec|code|run)/.test(tool.name));
  if (runner === undefined) return undefined;
  const input = `const r = await tools.exec_command({cmd: ${JSON.stringify(command)}}); text(r.output ?? JSON.stringify(r));`;
  return { tool: runner, command, args: {}, input };
}

function argumentsOf(tool: OfferedTool, command: string, text: string): Record<string, unknown> {
  const filled = schemaInstance(tool.schema, { command, text });
  return typeof filled === 'object' && filled !== null ? { ...filled } : { command };
}
