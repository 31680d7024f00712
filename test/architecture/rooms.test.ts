import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, rooms, tooLong, violations, type SourceFile } from './rooms.ts';

const source = path.join(import.meta.dirname, '..', '..', 'packages', 'gateway', 'src');
const files: SourceFile[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ path: name.split(path.sep).join('/'), text: readFileSync(path.join(source, name), 'utf8') }));

describe('the gateway', () => {
  it('is seen by this test', () => {
    expect(files.length).toBeGreaterThanOrEqual(40);
    expect(files.flatMap((file) => importsOf(file.text)).length).toBeGreaterThanOrEqual(100);
  });

  it('imports only rooms above', () => {
    expect(violations(files)).toEqual([]);
  });

  it('has no file that is too long', () => {
    expect(tooLong(files)).toEqual([]);
  });

  it('never names a thing that only its builders have', () => {
    const named = files.filter((file) => /\/work\/|shared\/reference|workspace-contract\.md/.test(file.text));
    expect(named.map((file) => file.path)).toEqual([]);
  });
});

describe('a planted breach is found', () => {
  const plant = (from: string, statement: string) => violations([{ path: from, text: statement }]);

  it.each([
    ['lib/a.ts', `import { b } from '../http/b.ts';`, 'a room that is not above'],
    ['ir/a.ts', `import type { B } from '../dialects/b.ts';`, 'a room that is not above'],
    ['config/a.ts', `export * from '../usage/b.ts';`, 'a room that is not above'],
    ['config/a.ts', `export { b,\n  c } from "../usage/b.ts";`, 'a room that is not above'],
    ['upstream/a.ts', `const b = await import('../inference/b.ts');`, 'a room that is not above'],
    ['upstream/a.ts', `import '../inference/b.ts';`, 'a room that is not above'],
    ['upstream/a.ts', `export type B = import('../inference/b.ts').B;`, 'a room that is not above'],
    ['dialects/gemini/a.ts', `import { b } from '../openai-chat/b.ts';`, 'its sibling'],
    ['providers/demo/deep/a.ts', `import { b } from '../../openai/b.ts';`, 'its sibling'],
    ['http/a.ts', `import { main } from '../main.ts';`, 'only the rim may'],
    ['http/a.ts', `import { serve } from '../commands/serve.ts';`, 'only the rim may'],
    ['http/a.ts', `import { b } from '../../../cli/src/b.ts';`, 'outside of src'],
    ['misc/a.ts', ``, 'lies in no room'],
    ['utils.ts', ``, 'lies in no room'],
  ])('%s: %s', (from, statement, message) => {
    expect(plant(from, statement)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['dialects/gemini/a.ts', `import { b } from './b.ts';\nimport type { D } from '../dialect.ts';`],
    ['dialects/registry.ts', `import { gemini } from './gemini/index.ts';`],
    ['http/a.ts', `import { x } from 'undici';\nimport { b } from '../lib/b.ts';`],
    ['main.ts', `import { b } from './http/b.ts';`],
    ['commands/version.ts', `import manifest from '../../package.json' with { type: 'json' };`],
    ['lib/a.ts', `// import { b } from '../http/b.ts';\n/** see import('../http/b.ts') */`],
    ['lib/a.test.ts', `import { expect } from 'vitest';\nimport { a } from './a.ts';`],
  ])('and an allowed import is not: %s', (from, statement) => {
    expect(plant(from, statement)).toEqual([]);
  });

  it('a file of 501 lines is too long, one of 500 is not', () => {
    expect(tooLong([{ path: 'lib/a.ts', text: 'x\n'.repeat(501) }])).toHaveLength(1);
    expect(tooLong([{ path: 'lib/a.ts', text: 'x\n'.repeat(500) }])).toEqual([]);
  });

  it('the order has every room once', () => {
    expect(new Set(rooms).size).toBe(rooms.length);
  });
});
