import { parse, stringify, type TomlTable } from 'smol-toml';
import { FileUnreadable } from './file-edit.ts';

export interface TomlChange {
  /** Top-level keys; `undefined` takes one away. Values are plain: strings, numbers, booleans. */
  readonly keys?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Whole tables by dotted name (`model_providers.ucode`), with the tables in them; `undefined` takes one away. */
  readonly tables?: Readonly<Record<string, TomlTable | undefined>>;
}

/**
 * Changes top-level keys and whole tables of TOML text. Everything else stays as it is, comments and order too.
 * @throws FileUnreadable where the text is no TOML, or where a change would say something else than it should.
 */
export function editToml(file: string, text: string | undefined, change: TomlChange): string {
  const before = text ?? '';
  const wanted = merged(file, read(file, before), change);
  let lines = before === '' ? [] : before.replace(/\r?\n$/, '').split(/\r?\n/);
  for (const name of Object.keys(change.tables ?? {})) lines = withoutTable(lines, name);
  for (const [key, value] of Object.entries(change.keys ?? {})) lines = withKey(lines, key, value);
  for (const [name, table] of Object.entries(change.tables ?? {})) {
    if (table === undefined) continue;
    if (lines.length > 0 && lines.at(-1)?.trim() !== '') lines.push('');
    lines.push(...tableLines(name, table));
  }
  const eol = before.includes('\r\n') ? '\r\n' : '\n';
  const after = lines.length === 0 ? '' : lines.join(eol) + eol;
  // The file may write the same things in ways that are not lines to us (inline tables, multi-line strings).
  if (!same(read(file, after), wanted))
    throw new FileUnreadable(file, 'it is written in a way that cannot be changed without risk');
  return after;
}

function read(file: string, text: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message.split('\n', 1)[0] : 'no TOML';
    throw new FileUnreadable(file, `it is not valid TOML (${problem})`);
  }
}

function merged(file: string, content: TomlTable, { keys = {}, tables = {} }: TomlChange): TomlTable {
  const result = structuredClone(content);
  for (const [key, value] of Object.entries(keys)) {
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  for (const [name, table] of Object.entries(tables)) {
    const path = name.split('.');
    const last = path.pop() ?? name;
    let place: TomlTable = result;
    for (const part of path) {
      const inner = (place[part] ??= {});
      if (typeof inner !== 'object' || Array.isArray(inner))
        throw new FileUnreadable(file, `'${part}' in it is no table`);
      place = inner as TomlTable;
    }
    if (table === undefined) delete place[last];
    else place[last] = table;
  }
  return result;
}

const HEADER = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;

/** Without the table and everything below it, up to the next header; comments right above that header stay. */
function withoutTable(lines: readonly string[], name: string): string[] {
  const kept: string[] = [];
  let dropping = false;
  let pending: string[] = [];
  for (const line of lines) {
    const header = HEADER.exec(line)?.[1]?.replaceAll(/["'\s]/g, '');
    if (header !== undefined) {
      const drop = header === name || header.startsWith(`${name}.`);
      if (dropping && !drop) kept.push(...pending);
      dropping = drop;
      pending = [];
    }
    if (!dropping) kept.push(line);
    else if (/^\s*(?:#|$)/.test(line)) pending.push(line);
    else pending = [];
  }
  if (dropping) kept.push(...pending.filter((line) => line.trim() !== ''));
  while (kept.at(-1)?.trim() === '' && lines.length !== kept.length) kept.pop();
  return kept;
}

/** With the key set, before the first table. */
function withKey(lines: readonly string[], key: string, value: string | number | boolean | undefined): string[] {
  const firstTable = lines.findIndex((line) => HEADER.test(line));
  const end = firstTable < 0 ? lines.length : firstTable;
  const at = lines.findIndex((line, index) => index < end && new RegExp(`^\\s*"?${key}"?\\s*=`).test(line));
  const written = value === undefined ? [] : [`${key} = ${JSON.stringify(value)}`];
  if (at >= 0) return lines.toSpliced(at, 1, ...written);
  if (written.length === 0) return [...lines];
  const lastKey = lines.slice(0, end).findLastIndex((line) => /^\s*[\w"'-][^#]*=/.test(line));
  const place = lastKey >= 0 ? lastKey + 1 : 0;
  const needsGap = place === 0 && lines.length > 0 && lines[0]?.trim() !== '';
  return lines.toSpliced(place, 0, ...written, ...(needsGap ? [''] : []));
}

function tableLines(name: string, table: TomlTable): string[] {
  const nested = name.split('.').reduceRight<TomlTable>((inner, part) => ({ [part]: inner }), table);
  return stringify(nested)
    .split('\n')
    .filter((line, index, all) => line !== '' || (index > 0 && index < all.length - 1))
    .filter((line) => {
      const header = HEADER.exec(line)?.[1];
      return header === undefined || header === name || header.startsWith(`${name}.`);
    });
}

function same(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner) || inner instanceof Date) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}
