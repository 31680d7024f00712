import { openStore } from '../../../packages/gateway/src/state/store.ts';

// A process that opens the store of a directory as soon as it reads a line, and leaves a row in it.
const [dataDirectory = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
process.stdin.once('data', () => void leaveRow());

async function leaveRow(): Promise<void> {
  const store = await openStore({ dataDirectory });
  await store.transaction((tx) => tx.run('INSERT INTO revisions (area, revision) VALUES (?, 1)', String(process.pid)));
  await store.close();
  process.exit(0);
}
