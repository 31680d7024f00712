import { applyEdits, modify, parse, type JSONPath, type ParseError } from 'jsonc-parser';
import { FileUnreadable } from './file-edit.ts';

/** One place in a JSON file and its value; `undefined` takes it away. */
export type JsonChange = readonly [path: JSONPath, value: unknown];

/**
 * Changes places in JSON text, with comments and trailing commas as many agents allow them. Everything else stays as it
 * is, comments, order and indentation too.
 * @throws FileUnreadable where the text is no JSON object.
 */
export function editJson(file: string, text: string | undefined, changes: readonly JsonChange[]): string {
  const start = text === undefined || text.trim() === '' ? '{}\n' : text;
  const errors: ParseError[] = [];
  const value: unknown = parse(start.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
  if (errors.length > 0 || typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FileUnreadable(file, 'it is not a JSON object');
  }
  const formattingOptions = formattingOf(start);
  return changes.reduce(
    (current, [path, wanted]) => applyEdits(current, modify(current, path, wanted, { formattingOptions })),
    start,
  );
}

function formattingOf(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
