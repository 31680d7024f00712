import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { ConfigError, renderKey, type ConfigProblem, type KeyPath } from './problems.ts';

/** A parsed YAML file that knows where each value stands. */
export class YamlSource {
  /** The file's content as plain values; an empty file is `{}`. */
  readonly value: unknown;
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  /** @throws ConfigError when the text is not YAML, or not a map. */
  constructor(file: string, text: string) {
    this.#file = file;
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' });
    if (this.#document.errors.length > 0) {
      throw new ConfigError(
        this.#document.errors.map((error) => ({
          ...this.#at(error.pos[0]),
          key: '',
          message: `not valid YAML: ${error.message.replace(/\.$/, '')}`,
          cure: 'Correct the syntax at this place',
        })),
      );
    }
    this.value = this.#toPlain();
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      throw new ConfigError([this.problem([], 'the file is not a map of keys', 'Write it as `key: value` lines')]);
    }
  }

  /** A problem at `path`: at the key where it exists, else at the nearest parent that does. */
  problem(path: KeyPath, message: string, cure: string): ConfigProblem {
    return { ...this.#at(this.#offsetOf(path)), key: renderKey(path), message, cure };
  }

  #toPlain(): unknown {
    try {
      return this.#document.toJS() ?? {};
    } catch (error) {
      // Only what aliases do: an unresolved one, or more of them than is safe to expand.
      const message = error instanceof Error ? error.message : String(error);
      throw new ConfigError([this.problem([], message, 'Write the values out instead of using YAML aliases')]);
    }
  }

  #at(offset: number): Pick<ConfigProblem, 'file' | 'line' | 'column'> {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  #offsetOf(path: KeyPath): number {
    let node: unknown = this.#document.contents;
    let offset = isNode(node) ? start(node) : 0;
    for (const part of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
        if (!pair) return offset;
        if (isNode(pair.key)) offset = start(pair.key);
        node = pair.value;
      } else if (isSeq(node) && typeof part === 'number') {
        node = node.items[part];
        if (!isNode(node)) return offset;
        offset = start(node);
      } else {
        return offset;
      }
    }
    return offset;
  }
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}
