import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();
let hooked = false;

/** Makes sure the child is gone when this test process ends, however it ends short of SIGKILL. */
export function tieToThisProcess(child: ChildProcess): void {
  if (!hooked) {
    hooked = true;
    process.once('exit', () => running.forEach((other) => other.kill('SIGKILL')));
  }
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** Resolves with the exit code, or the signal's name, once the child has ended and its output is read. */
export function ended(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
}

/** Kills what is left of the process group that the child was started in, `detached`. */
export function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing left in the group.
  }
}
