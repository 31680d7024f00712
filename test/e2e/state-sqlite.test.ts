import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from '../../packages/gateway/src/state/store.ts';
import { ended, tieToThisProcess } from '../support/child-processes.ts';
import { nodeBinary, repositoryRoot } from '../support/repository.ts';

const program = path.join(repositoryRoot, 'test', 'e2e', 'support', 'open-store.ts');

let dataDirectory: string;
beforeEach(() => {
  dataDirectory = mkdtempSync(path.join(tmpdir(), 'ucode-state-'));
});
afterEach(() => rmSync(dataDirectory, { recursive: true, force: true }));

it('a new embedded store may be opened by several processes at the same moment', async () => {
  const children = Array.from({ length: 5 }, () => {
    const child = spawn(nodeBinary, [program, dataDirectory], { stdio: ['pipe', 'pipe', 'inherit'] });
    tieToThisProcess(child);
    return child;
  });
  const exits = children.map(ended);
  await Promise.all(children.map((child) => once(child.stdout, 'data')));
  for (const child of children) child.stdin.write('go\n');
  expect(await Promise.all(exits)).toEqual([0, 0, 0, 0, 0]);
  const store = await openStore({ dataDirectory });
  const rows = await store.all('SELECT area FROM revisions');
  expect(rows.map((row) => Number(row['area'])).toSorted()).toEqual(children.map(({ pid }) => pid).toSorted());
  await store.close();
});
