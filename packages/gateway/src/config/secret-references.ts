import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { KeyPath, Report } from './problems.ts';

const REFERENCE = /\$\{(env|file):([^}]*)\}/g;

/** Where references are looked up. */
export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Directory that relative `${file:…}` paths start from: that of the configuration file. */
  readonly directory: string;
}

/** A tree with its references replaced, and every value they gave (to be kept out of what is shown). */
export interface Resolved {
  readonly value: unknown;
  readonly secrets: readonly string[];
}

/**
 * Replaces `${env:NAME}` and `${file:path}` in every string of `tree`. The last newline of a file is cut.
 * What is missing, empty or unreadable is reported, with the reference but never with a value.
 */
export function resolveReferences(tree: unknown, sources: ReferenceSources, report: Report): Resolved {
  const secrets = new Set<string>();

  const replace = (text: string, at: KeyPath): string =>
    text.replace(REFERENCE, (reference, kind: string, name: string) => {
      const found = kind === 'env' ? fromEnvironment(name, sources) : fromFile(name, sources);
      if (typeof found !== 'string') {
        report(at, `${reference}: ${found.message}`, found.cure);
        // Something stands there, so that the value is not reported as empty too.
        return reference;
      }
      secrets.add(found);
      return found;
    });

  const walk = (value: unknown, at: KeyPath): unknown => {
    if (typeof value === 'string') return replace(value, at);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...at, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...at, key])]));
  };

  const value = walk(tree, []);
  return { value, secrets: [...secrets] };
}

/** `text` with every resolved value shown as `***`. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}

interface Missing {
  readonly message: string;
  readonly cure: string;
}

function fromEnvironment(name: string, { env }: ReferenceSources): string | Missing {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  return {
    message: `the environment variable is ${value === undefined ? 'not set' : 'empty'}`,
    cure: `Set ${name || 'a name after env:'} where the gateway is started, or remove the key`,
  };
}

function fromFile(name: string, { directory }: ReferenceSources): string | Missing {
  const file = path.resolve(directory, name);
  try {
    const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (value !== '') return value;
    return { message: 'the file is empty', cure: `Write the value into ${file}` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      message: `the file cannot be read (${code ?? 'unknown error'})`,
      cure: `Make ${file} a file that the gateway may read; relative paths start at the configuration file`,
    };
  }
}
