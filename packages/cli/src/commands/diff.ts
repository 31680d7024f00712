import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { agentNamed } from '../agents/names.ts';
import { unifiedDiff } from '../files/diff-text.ts';
import { withoutTokens } from '../lib/without-secrets.ts';
import { UsageError } from '../terminal/terminal.ts';
import type { Context } from './context.ts';

/** `diff`: what ucode has changed in the files of agents, against what was there before. */
export function diffCommand(program: Command, context: Context): void {
  program
    .command('diff')
    .description('what ucode has changed in your files, against what was there before')
    .argument('[agent]', 'one agent; every one where it is left out')
    .addHelpText('after', '\nExamples:\n  ucode diff\n  ucode diff codex --json\n')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, { json }: { json?: boolean }) => {
      const id = name === undefined ? undefined : agentNamed(name);
      if (name !== undefined && id === undefined) throw new UsageError(`There is no agent '${name}'.`);
      const { entries } = await context.journal.entries();
      const chosen = entries.filter(({ places }) => id === undefined || Object.hasOwn(places, id));
      const files: { path: string; diff: string }[] = [];
      for (const entry of chosen) {
        const before = await context.journal.originalText(entry);
        const after = await readFile(entry.path, 'utf8').catch(() => undefined);
        const text = withoutTokens(unifiedDiff(entry.path, before, after));
        if (text !== '') files.push({ path: entry.path, diff: text });
      }
      if (json) return context.terminal.data(JSON.stringify({ files }, undefined, 2));
      for (const { diff } of files) context.terminal.data(diff);
      if (chosen.length === 0) context.terminal.note('ucode has written no file.');
    });
}
