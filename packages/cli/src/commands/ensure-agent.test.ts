import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { agent as codex } from '../agents/codex/index.ts';
import type { Environment } from '../platform/environment.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { Context } from './context.ts';
import { ensureAgent } from './ensure-agent.ts';

let scratch: string;
let bin: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'ucode-install-'));
  bin = path.join(scratch, 'bin');
  mkdirSync(bin);
  // Installs a Codex of version 9.9.9, and says what it was asked for.
  program(
    'npm',
    `echo "$@" >> ${scratch}/npm-ran; printf '#!/bin/sh\\necho codex-cli 9.9.9\\n' > ${bin}/codex; chmod 755 ${bin}/codex`,
  );
});
afterEach(() => rmSync(scratch, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(bin, name), 0o755);
}

/** A context whose terminal gives one answer to every question; `said` has questions and warnings. */
function context(answer: boolean | undefined): { context: Context; said: string[] } {
  const said: string[] = [];
  const environment: Environment = {
    platform: 'linux',
    home: scratch,
    variables: { PATH: `${bin}:/usr/bin:/bin` },
    workingDirectory: scratch,
    ucodeHome: path.join(scratch, '.ucode'),
    interactive: answer !== undefined,
  };
  const terminal = {
    interactive: answer !== undefined,
    warn: (text: string) => said.push(text),
    confirm: async (question: string) => {
      said.push(question);
      return answer ?? false;
    },
  } as unknown as Terminal;
  return { context: new Context(environment, terminal), said };
}

it('installs what is missing when somebody agrees', async () => {
  const { context: it_, said } = context(true);
  expect(await ensureAgent(it_, codex)).toEqual({ program: path.join(bin, 'codex'), version: '9.9.9' });
  expect(said).toEqual(["Codex CLI is not installed. Run 'npm install -g @openai/codex@latest'?"]);
});

it.each([
  ['somebody says no', false],
  ['nobody can be asked', undefined],
])('installs nothing where %s', async (_, answer) => {
  await expect(ensureAgent(context(answer).context, codex)).rejects.toThrow('npm install -g @openai/codex@latest');
});

it.each([
  [true, '9.9.9'],
  [false, '0.100.0'],
  [undefined, '0.100.0'],
])('offers an upgrade of what is too old: %s', async (answer, version) => {
  program('codex', 'echo codex-cli 0.100.0');
  const { context: it_, said } = context(answer);
  expect(await ensureAgent(it_, codex)).toMatchObject({ version });
  expect(said[0]).toContain('Codex CLI 0.100.0 is too old; it needs 0.134.0.');
  if (answer !== true) expect(said.at(-1)).toContain('Update it: npm install -g @openai/codex@latest');
});

it('tells what npm failed with', async () => {
  program('npm', 'exit 7');
  await expect(ensureAgent(context(true).context, codex)).rejects.toThrow('failed with status 7');
});
