// Appends records to the spool in argv[2] until it is killed, and prints the id of each once it is acknowledged.
// argv[3] is the first id; ids ascend from there. Used by spool.kill.test.ts.
import { Spool } from '../spool.ts';

const [directory, firstId] = process.argv.slice(2);
if (directory === undefined || firstId === undefined) throw new Error('usage: spool-writer.ts DIRECTORY FIRST_ID');
const spool = await Spool.open({ directory, maxBytes: 1024 ** 3, segmentBytes: 64 * 1024 });

let nextId = Number(firstId);
/** One caller: appends, waits, prints, again. Several of them make batches of several sizes. */
async function writeForever(): Promise<never> {
  for (;;) {
    const id = nextId++;
    await spool.append({ id, text: 'x'.repeat((id * 37) % 3000) });
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, writeForever));
