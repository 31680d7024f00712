import { once } from 'node:events';

/** Writes one line; resolves when it is out. */
export async function printLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/** Runs what prints. A reader that goes before the end (`| head`) ends the program quietly. */
export async function printing(work: () => Promise<void>): Promise<void> {
  process.stdout.on('error', exitWhenReaderLeaves);
  try {
    await work();
  } finally {
    process.stdout.off('error', exitWhenReaderLeaves);
  }
}

function exitWhenReaderLeaves(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}
