import { asRecord, parseJson } from '../../lib/json-value.ts';
import type { AddFile } from '../log/actions.ts';

/** A number of the statistics, digit by digit: it may exceed 2^53. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What `add.stats` says of one column. */
export interface ColumnStats {
  /** Texts as the statistics spell them. */
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly nullCount: number | undefined;
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const LEADING_COUNT = /^\{"numRecords":(\d{1,15})[,}]/;
/** What may be a number that JavaScript's do not hold exactly, or spell in another way. */
const INEXACT_NUMBER = /[\d.]{16}|\d[eE]/;

const parsed = new WeakMap<AddFile, FileStats | null>();

/** The statistics of one file. Whatever is missing or malformed is `undefined`. */
export class FileStats {
  readonly rows: number | undefined;
  readonly #root: Readonly<Record<string, unknown>>;

  /** The statistics of `add.stats`; `undefined` where it has none that can be read. Kept as long as the action is. */
  static of(file: AddFile): FileStats | undefined {
    let stats = parsed.get(file);
    if (stats === undefined) {
      const root = file.stats === undefined ? undefined : asRecord(parseExact(file.stats));
      stats = root ? new FileStats(root) : null;
      parsed.set(file, stats);
    }
    return stats ?? undefined;
  }

  private constructor(root: Readonly<Record<string, unknown>>) {
    this.#root = root;
    this.rows = count(root['numRecords']);
  }

  /** @param path physical names. */
  column(path: readonly string[]): ColumnStats {
    return {
      min: valueText(at(this.#root['minValues'], path)),
      max: valueText(at(this.#root['maxValues'], path)),
      nullCount: count(at(this.#root['nullCount'], path)),
    };
  }
}

/** Rows of the file that are not deleted; `undefined` where its statistics do not say. */
export function liveRows(file: AddFile): number | undefined {
  // Where writers put the count first, as we do, the rest need not be read: tables have thousands of files.
  const first = LEADING_COUNT.exec(file.stats ?? '')?.[1];
  const rows = first === undefined ? FileStats.of(file)?.rows : Number(first);
  return rows === undefined ? undefined : rows - (file.deletionVector?.cardinality ?? 0);
}

function parseExact(text: string): unknown {
  if (!INEXACT_NUMBER.test(text)) return parseJson(text);
  const keep: Reviver = (_, value, context) =>
    typeof value === 'number' && context.source !== undefined ? new NumberText(context.source) : value;
  try {
    return JSON.parse(text, keep as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}

function at(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    const record = asRecord(value);
    return record && Object.hasOwn(record, name) ? record[name] : undefined;
  }, root);
}

function valueText(value: unknown): string | undefined {
  if (value instanceof NumberText) return value.text;
  return ['string', 'boolean', 'number'].includes(typeof value) ? String(value) : undefined;
}

function count(value: unknown): number | undefined {
  const number = value instanceof NumberText ? Number(value.text) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
