import { readdir, readlink, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { PrivateHome } from '../agents/agent.ts';
import type { FileEdit } from '../files/file-edit.ts';
import { makeDirectory } from '../files/make-directory.ts';

/**
 * Makes what is in the user's own directory appear in ours by links: history, memory, extensions. Files that we write
 * stay ours, and so does what the agent has made there itself. Links that lead nowhere any more are taken away. Where
 * a link is not allowed (files on Windows), the agent has to do without.
 * @param edits what we write.
 */
export async function linkPrivateHome({ of, at }: PrivateHome, edits: readonly FileEdit[]): Promise<void> {
  const ours = new Set(edits.map((edit) => edit.path));
  const names = await namesIn(of);
  const linked = new Set(await linksInto(of, at));
  await makeDirectory(at);
  for (const name of linked) if (!names.includes(name)) await rm(path.join(at, name), { force: true });
  const present = new Set(await namesIn(at));
  for (const name of names) {
    const link = path.join(at, name);
    if (ours.has(link) || present.has(name)) continue;
    await symlink(path.join(of, name), link, 'junction').catch(() => {});
  }
}

/** Takes the links away; what the agent has made there itself stays. */
export async function unlinkPrivateHome({ of, at }: PrivateHome): Promise<void> {
  for (const name of await linksInto(of, at)) await rm(path.join(at, name), { force: true });
}

/** Names in `at` that are links to what is, or was, in `of`. */
async function linksInto(of: string, at: string): Promise<string[]> {
  const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
  const links = entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name);
  const targets = await Promise.all(links.map((name) => readlink(path.join(at, name))));
  return links.filter((_, index) => path.dirname(targets[index] ?? '') === of);
}

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
