import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readSpool } from './spool-reader.ts';
import { Spool } from './spool.ts';

const ROUNDS = 30;
const writer = path.join(import.meta.dirname, 'testing', 'spool-writer.ts');

/** Runs a writer, kills it at a random instant after its first acknowledgement; the ids it acknowledged. */
async function writeAndKill(directory: string, firstId: number): Promise<number[]> {
  const child = spawn(process.execPath, [writer, directory, String(firstId)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed]);
  await sleep(Math.random() * 40);
  child.kill('SIGKILL');
  await closed;
  expect(complaint).toBe('');
  // Only whole lines: the last may have been cut by the kill.
  return output
    .slice(0, output.lastIndexOf('\n') + 1)
    .trim()
    .split('\n')
    .map(Number);
}

test('kill -9 at any instant: what was acknowledged is there once, and nothing is garbage', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'ucode-kill-'));
  try {
    const acknowledged: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const ids = await writeAndKill(directory, round * 1_000_000);
      expect(ids.length).toBeGreaterThan(0);
      acknowledged.push(...ids);
    }
    // Reopening cuts the last torn tail; what remains is read whole.
    await (await Spool.open({ directory, maxBytes: 1024 ** 3 })).close();
    const kept = new Map<number, number>();
    for await (const { record } of readSpool(directory)) {
      const { id, text } = record as { id: number; text: string };
      expect(text).toBe('x'.repeat((id * 37) % 3000));
      kept.set(id, (kept.get(id) ?? 0) + 1);
    }
    expect(acknowledged.filter((id) => kept.get(id) !== 1)).toEqual([]);
    expect([...kept].filter(([, count]) => count !== 1)).toEqual([]);
    // Beyond them only what was written and not yet acknowledged: at most one record per writer and round.
    expect(kept.size - acknowledged.length).toBeLessThanOrEqual(ROUNDS * 8);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);
