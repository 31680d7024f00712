import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './repository.ts';

/** The fenced blocks of a guide in one language, in order, so that a test runs what a reader pastes. */
export function guideBlocks(guide: string, language: string): string[] {
  const text = readFileSync(path.join(repositoryRoot, 'docs', 'guides', guide), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)];
  return blocks.filter((block) => block[1] === language).map((block) => block[2]!);
}
