import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellQuoted } from '../agents/shell-quoted.ts';
import type { Environment } from './environment.ts';
import { shellAssignment } from './shell-assignment.ts';

function environment(platform: Environment['platform'], shell: string): Environment {
  return {
    platform,
    home: '/home/ada',
    variables: { SHELL: shell },
    workingDirectory: '/',
    ucodeHome: '/home/ada/.ucode',
    interactive: false,
  };
}

const WORDS = ['plain', "it's", '$HOME `id` "quoted"', 'a\\b', '', 'two\nlines'];

it.each(WORDS)('a shell reads back %j', (word) => {
  expect(execFileSync('sh', ['-c', `printf %s ${shellQuoted(word)}`], { encoding: 'utf8' })).toBe(word);
  const line = shellAssignment('VALUE', word, environment('linux', '/bin/bash'));
  expect(execFileSync('sh', ['-c', `${line}\nprintf %s "$VALUE"`], { encoding: 'utf8' })).toBe(word);
});

it.each([
  ['linux', '/usr/bin/fish', String.raw`set -gx VALUE 'it\'s a\\b'`],
  ['win32', '', String.raw`$env:VALUE = 'it''s a\b'`],
] as const)('on %s with %s', (platform, shell, expected) => {
  expect(shellAssignment('VALUE', String.raw`it's a\b`, environment(platform, shell))).toBe(expected);
});
