// `ucode upgrade` with an npm that only says what it was asked, and completion in a real shell.
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLaptop, ucodeBinary, type Laptop } from '../support/laptop.ts';
import { nodeBinary } from '../support/repository.ts';

let laptop: Laptop;
let asked: string;
beforeEach(() => {
  laptop = openLaptop();
  asked = path.join(laptop.work, 'npm-installed');
  laptop.program('npm', {
    script: `#!/bin/sh
case "$1" in
view) case "$2" in @openai/codex) echo '"9.10.0"';; *) echo '["1.0.0","1.2.0"]';; esac;;
install) echo "$@" >> '${asked}';;
*) exit 9;;
esac
`,
  });
});
afterEach(() => laptop.close());

/** An agent's program in a package, as npm installs it. */
function install(name: string, npmPackage: string, version: string): void {
  const directory = path.join(laptop.work, 'lib', 'node_modules', npmPackage);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ name: npmPackage, version }));
  const program = path.join(directory, name);
  writeFileSync(program, '#!/bin/sh\necho 0.0.1\n');
  chmodSync(program, 0o755);
  symlinkSync(program, path.join(laptop.bin, name));
}

it('tells what is newer, by numbers, and changes nothing', async () => {
  install('codex', '@openai/codex', '9.9.0');
  laptop.program('opencode', { script: '#!/bin/sh\necho 1.0.0\n' });
  const { code, stdout, stderr } = await laptop.ucode(['upgrade', '--check', '--json']);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout).packages).toEqual([
    { name: 'Codex CLI', npmPackage: '@openai/codex', version: '9.9.0', newest: '9.10.0' },
  ]);
  expect(stderr).toContain('OpenCode was not installed by npm');
  expect(existsSync(asked)).toBe(false);
});

it('asks first: without a terminal it says the command; with --yes it runs it', async () => {
  install('codex', '@openai/codex', '9.9.0');
  const refused = await laptop.ucode(['upgrade']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('npm install -g @openai/codex@9.10.0');
  expect(existsSync(asked)).toBe(false);
  const { code, stderr } = await laptop.ucode(['upgrade', '--agents', 'codex', '--yes']);
  expect(code, stderr).toBe(0);
  expect(readFileSync(asked, 'utf8')).toBe('install -g @openai/codex@9.10.0\n');
});

it('does nothing where all is new, and says so when npm fails or is not there', async () => {
  install('codex', '@openai/codex', '9.10.0');
  expect(await laptop.ucode(['upgrade'])).toMatchObject({ code: 0, stderr: expect.stringContaining('up to date') });
  laptop.program('npm', { script: '#!/bin/sh\nexit 7\n' });
  expect(await laptop.ucode(['upgrade'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('failed with status 7'),
  });
  expect((await laptop.ucode(['upgrade', '--json'])).code).toBe(2);
});

it.each([
  ['ucode cla', 'claude'],
  ['ucode configure --agents codex,gem', 'codex,gemini'],
  ['ucode usage --warehouse', '--warehouse-id'],
])('bash completes %s', async (line, word) => {
  laptop.program('ucode', { script: `#!/bin/sh\nexec '${nodeBinary}' '${ucodeBinary}' "$@"\n` });
  const script = `source <(ucode completion bash)
COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_ucode; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { code, stdout, stderr } = await laptop.run(['/bin/bash', '-c', script]);
  expect(code, stderr).toBe(0);
  expect(stdout.trim().split('\n')).toContain(word);
});

it('suggests what may have been meant', async () => {
  for (const [typed, meant] of [
    ['claud', 'claude'],
    ['usge', 'usage'],
  ] as const) {
    const { code, stderr } = await laptop.ucode([typed]);
    expect(code).toBe(2);
    expect(stderr).toContain(`Did you mean ${meant}?`);
  }
  expect((await laptop.ucode(['completion', 'tcsh'])).code).toBe(2);
});
