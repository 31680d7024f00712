import { describe, expect, it } from 'vitest';
import { schemaInstance } from './schema-instance.ts';

const fill = { command: 'ls', text: 'x' };

describe('schemaInstance', () => {
  it('fills what is required, and only that', () => {
    const schema = {
      type: 'object',
      properties: {
        title: { type: 'string' },
        kind: { enum: ['a', 'b'] },
        n: { type: 'integer', minimum: 3 },
        ok: { type: ['null', 'boolean'] },
        items: { type: 'array', minItems: 2, items: { $ref: '#/$defs/one' } },
        more: { type: 'string' },
      },
      required: ['title', 'kind', 'n', 'ok', 'items'],
      $defs: { one: { anyOf: [{ const: 7 }] } },
    };
    expect(schemaInstance(schema, fill)).toEqual({ title: 'Write a file', kind: 'a', n: 3, ok: false, items: [7, 7] });
  });

  it("reads Gemini's upper-case types", () => {
    const schema = { type: 'OBJECT', properties: { command: { type: 'STRING' } }, required: ['command'] };
    expect(schemaInstance(schema, fill)).toEqual({ command: 'ls' });
  });

  it('ends for schemas that contain themselves many times over', () => {
    const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
    const schema = {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { $ref: '#' }])),
      required: names,
    };
    expect(schemaInstance(schema, fill)).toBeTypeOf('object');
  });

  it('takes anything for a schema', () => {
    for (const schema of [undefined, null, 1, 'x', [], { $ref: '#/nowhere' }]) {
      expect(schemaInstance(schema, fill)).toBe('x');
    }
  });
});
