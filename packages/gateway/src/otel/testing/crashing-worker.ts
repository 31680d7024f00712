import { parentPort } from 'node:worker_threads';
import type { DecodeJob } from '../decode-worker.ts';

/** A decode worker that ends, or takes all memory, when a body says so. */
parentPort?.on('message', ({ body }: DecodeJob) => {
  const text = Buffer.from(body).toString('latin1', 0, 16);
  if (text.startsWith('"crash"')) process.exit(3);
  if (text.startsWith('"eat"')) for (const eaten: string[][] = []; ;) eaten.push(Array<string>(1e6).fill(text));
});
// Second, so that it listens after the listener above.
await import('../decode-worker.ts');
