import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from './context.ts';

/**
 * Deletes what `ucode` keeps for itself and needs no more: where no file is to be taken back, what was only remembered to
 * be faster; where nobody is signed in either, its settings; and its directory, if nothing else is in it.
 */
export async function tidyUp({ environment, settings, journal }: Context): Promise<void> {
  const { entries, unreadable } = await journal.entries();
  if (entries.length + unreadable.length > 0) return;
  const home = environment.ucodeHome;
  await rm(path.join(home, 'cache'), { recursive: true, force: true });
  await rm(path.join(home, 'locks'), { recursive: true, force: true });
  for (const directory of ['journal/originals', 'journal/entries', 'journal'])
    await rmdir(path.join(home, directory)).catch(() => {});
  const { workspaces } = await settings.read();
  if (Object.keys(workspaces).length === 0) await rm(settings.file, { force: true });
  await rmdir(home).catch(() => {});
}
