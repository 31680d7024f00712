import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../packages/gateway/src/config/load.ts';
import { repositoryRoot } from '../support/repository.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

const directory = path.join(repositoryRoot, 'docs', 'guides');
const guides = ['sign-in', 'single-sign-on', 'permissions', 'rate-limits', 'budgets', 'scaling-out'];
const blocks = guides.flatMap((guide) => {
  const text = readFileSync(path.join(directory, `${guide}.md`), 'utf8');
  return [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = ''], at) => [`${guide} ${at + 1}`, yaml] as const);
});

test.each(blocks)('the configuration in %s is valid', async (_, yaml) => {
  const names = [...yaml.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => name);
  const known: Readonly<Record<string, string>> = {
    GATEWAY_DATABASE_URL: 'postgres://gateway:secret@127.0.0.1/gateway',
    GATEWAY_REDIS_URL: 'redis://127.0.0.1:6379',
    GATEWAY_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
  };
  const env = Object.fromEntries(names.map((name) => [name, known[name] ?? 'a-secret-of-some-length']));
  const scratch = mkdtempSync(path.join(tmpdir(), 'ucode-guide-'));
  try {
    const file = path.join(scratch, 'gateway.yaml');
    writeFileSync(file, yaml);
    await expect(loadConfig({ file, env })).resolves.toBeDefined();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test('there are blocks to look at, and every guide is linked from the README', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(7);
  const readme = readFileSync(path.join(repositoryRoot, 'README.md'), 'utf8');
  const all = readdirSync(directory).filter((name) => name.endsWith('.md'));
  expect(all.filter((name) => !readme.includes(`docs/guides/${name}`))).toEqual([]);
});
