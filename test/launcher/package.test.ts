// What is published: small, plain JavaScript, nothing to install with it, and it runs on the oldest Node that it names.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ucodeBinary } from '../support/laptop.ts';
import { repositoryRoot } from '../support/repository.ts';

const directory = path.join(repositoryRoot, 'packages', 'cli');
const manifest = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));

describe('the package', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: directory, encoding: 'utf8' }),
  );
  const files: string[] = packed.files.map((file: { path: string }) => file.path);

  it('is below 1 MB, unpacked too', () => {
    expect(packed.unpackedSize).toBeGreaterThan(100_000);
    expect(packed.unpackedSize).toBeLessThan(1_000_000);
  });

  it('is JavaScript alone: no native code, nothing to install, no script at install time', () => {
    expect(files).toContain(manifest.bin.ucode);
    expect(files.filter((file) => !/\.js$|^package\.json$|^README|^LICENSE/.test(file))).toEqual([]);
    for (const name of ['dependencies', 'optionalDependencies', 'peerDependencies', 'scripts'])
      expect(manifest[name] ?? {}).toEqual({});
    expect(readFileSync(ucodeBinary, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('imports nothing but Node and itself', () => {
    const imported = files.flatMap((file) =>
      [...readFileSync(path.join(directory, file), 'utf8').matchAll(/(?:from|import\()\s?"([^"]+)"/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(imported.length).toBeGreaterThan(20);
    expect(imported.filter((name) => !/^(node:|\.\.?\/)/.test(name))).toEqual([]);
  });
});

/** A Node of the oldest line that the package names, where the machine has one. */
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (file) => existsSync(file) && execFileSync(file, ['--version'], { encoding: 'utf8' }).startsWith('v20.'),
);
it.runIf(oldNode !== undefined)('runs on Node 20', () => {
  const run = (...args: string[]): string => execFileSync(oldNode ?? '', [ucodeBinary, ...args], { encoding: 'utf8' });
  expect(run('--version')).toBe(`${manifest.version}\n`);
  expect(run('--help')).toContain('ucode claude');
});
