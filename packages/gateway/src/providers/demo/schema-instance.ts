import { isRecord, list } from './json-view.ts';

/** The values a schema instance is filled with, by the meaning of a property's name. */
export interface Fill {
  readonly command: string;
  readonly text: string;
}

/**
 * The smallest value a JSON schema (or Gemini's OpenAPI form of one) accepts: required properties only,
 * first `enum` member, first branch of a union, minimum lengths kept. Command-like strings get
 * `fill.command`. Local `$ref`s are followed. Depth and size are
 * bounded, since schemas may refer to themselves.
 */
export function schemaInstance(schema: unknown, fill: Fill): unknown {
  return build(schema, '', { fill, root: schema, depth: 0, budget: { left: MOST_NODES } });
}

const MOST_NODES = 10_000;
const MOST_LEVELS = 16;

interface Context {
  /** Values that may still be made, shared by all levels. */
  readonly budget: { left: number };
  readonly fill: Fill;
  readonly root: unknown;
  readonly depth: number;
}

function build(schema: unknown, key: string, context: Context): unknown {
  context.budget.left -= 1;
  if (!isRecord(schema) || context.depth > MOST_LEVELS || context.budget.left < 0) return context.fill.text;
  const inner = { ...context, depth: context.depth + 1 };
  if (typeof schema.$ref === 'string') return build(resolve(schema.$ref, context.root), key, inner);
  if (schema.const !== undefined) return schema.const;
  const members = list(schema.enum);
  if (members.length > 0) return members[0];
  for (const union of ['anyOf', 'oneOf', 'allOf']) {
    const branch = list(schema[union])[0];
    if (branch !== undefined && schema.properties === undefined) return build(branch, key, inner);
  }
  switch (typeOf(schema)) {
    case 'object':
      return objectInstance(schema, inner);
    case 'array':
      return arrayInstance(schema, key, inner);
    case 'integer':
    case 'number':
      return numberInstance(schema);
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return stringInstance(schema, key, context.fill);
  }
}

function objectInstance(schema: Record<string, unknown>, context: Context): Record<string, unknown> {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = list(schema.required).filter((name) => typeof name === 'string');
  return Object.fromEntries(required.map((name) => [name, build(properties[name], name, context)]));
}

function arrayInstance(schema: Record<string, unknown>, key: string, context: Context): unknown[] {
  // Codex's older shell tool takes the command as an argument vector.
  if (/^(command|cmd)$/i.test(key)) return ['bash', '-lc', context.fill.command];
  const count = Math.min(Number(schema.minItems) || 0, 100);
  return Array.from({ length: count }, () => build(schema.items, key, context));
}

function numberInstance(schema: Record<string, unknown>): number {
  if (typeof schema.minimum === 'number') return schema.minimum;
  if (typeof schema.exclusiveMinimum === 'number') return schema.exclusiveMinimum + 1;
  if (typeof schema.default === 'number') return schema.default;
  return typeof schema.maximum === 'number' ? Math.min(1, schema.maximum) : 1;
}

function stringInstance(schema: Record<string, unknown>, key: string, fill: Fill): string {
  if (/^(command|cmd|script|input)$/i.test(key)) return fill.command;
  const text = /description|title|summary/i.test(key) ? 'Write a file' : fill.text;
  const atLeast = text.padEnd(Math.min(Number(schema.minLength) || 0, 10_000), 'x');
  return typeof schema.maxLength === 'number' ? atLeast.slice(0, schema.maxLength) : atLeast;
}

function typeOf(schema: Record<string, unknown>): string {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  return String(type ?? (schema.properties === undefined ? 'string' : 'object')).toLowerCase();
}

function resolve(reference: string, root: unknown): unknown {
  let at: unknown = root;
  for (const part of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    at = isRecord(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return at;
}
