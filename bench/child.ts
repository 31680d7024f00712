import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';

const running = new Set<ChildProcess>();

/** Starts a program pinned to a core, or to several: `0,1`. Its standard output is kept in `output()`. Ends with `stop`. */
export function startPinned(core: number | string, command: readonly string[], env: Record<string, string> = {}) {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  const exited = new Promise<number>((resolve) =>
    child.on('exit', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    }),
  );
  return { child, pid: child.pid ?? 0, output: () => output, errors: () => errors, exited };
}

export type Pinned = ReturnType<typeof startPinned>;

/** Asks a program to end and waits until it has. */
export async function stop(program: Pinned): Promise<void> {
  program.child.kill('SIGTERM');
  const timer = setTimeout(() => program.child.kill('SIGKILL'), 15_000);
  await program.exited;
  clearTimeout(timer);
}

/** Last resort when the benchmark itself fails: ends the programs it started, and only those. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Waits until something listens on a port of this machine; throws with what the program said when it ends first. */
export async function listening(port: number, program: Pinned): Promise<void> {
  let ended = false;
  void program.exited.then(() => (ended = true));
  for (let tries = 0; tries < 4000 && !ended; tries += 1) {
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  throw new Error(`nothing listens on ${port}:\n${program.output()}\n${program.errors()}`);
}

/** Waits for the first line a program prints; throws with what it said when it ends without one. */
export async function firstLine(program: Pinned): Promise<string> {
  let ended = false;
  void program.exited.then(() => (ended = true));
  for (;;) {
    const end = program.output().indexOf('\n');
    if (end >= 0) return program.output().slice(0, end);
    if (ended) throw new Error(`it printed nothing:\n${program.errors()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
