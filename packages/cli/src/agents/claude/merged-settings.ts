import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ofFile } from '../../files/file-edit.ts';
import type { Change } from '../../files/formats/format.ts';
import { applyChanges } from '../../files/formats/index.ts';
import type { Environment } from '../../platform/environment.ts';

/**
 * The caller's arguments with our settings. Claude Code takes `--settings` once, so the caller's own are put together
 * with ours, which win, and given as text.
 */
export function mergedSettings(
  file: string,
  changes: readonly Change[],
  args: readonly string[],
  { workingDirectory }: Environment,
): readonly string[] {
  const end = args.indexOf('--');
  const at = args.findIndex(
    (arg, index) => (end < 0 || index < end) && (arg === '--settings' || arg.startsWith('--settings=')),
  );
  if (at < 0) return ['--settings', file, ...args];
  const attached = args[at]?.startsWith('--settings=') === true;
  const given = attached ? (args[at] ?? '').slice('--settings='.length) : (args[at + 1] ?? '');
  const text = given.trimStart().startsWith('{') ? given : readFileSync(path.resolve(workingDirectory, given), 'utf8');
  const merged = ofFile(given, () => applyChanges('json', text, changes));
  return args.toSpliced(at, attached ? 1 : 2, '--settings', merged);
}
