import { statSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';

/** Editors and deployments touch a file several times in a row; one reload is enough. */
const DEBOUNCE_MS = 150;

/**
 * Calls `onChange` after the file got another content: written in place, replaced by rename (editors), or
 * behind a link that moved (mounted volumes). Nothing while the file is away; then once when it is back.
 * Keeps no process alive. The caller reloads.
 */
export function watchConfig(file: string, onChange: () => void): { close(): void } {
  const target = path.resolve(file);
  let timer: NodeJS.Timeout | undefined;
  let known = identify(target);

  const look = (): void => {
    const identity = identify(target);
    if (identity === undefined || identity === known) return;
    known = identity;
    onChange();
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, DEBOUNCE_MS);
    timer.unref();
  };

  // The directory, not the file: a rename over the file would leave the watch on the old one.
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(path.dirname(target), { persistent: false }, later);
    // The directory went away. What is in force stays in force.
    watcher.on('error', () => watcher?.close());
  } catch {
    // No directory, or no watches left on this system: the gateway runs on without reload.
  }
  return {
    close() {
      clearTimeout(timer);
      watcher?.close();
    },
  };
}

/** What changes when the content does, or `undefined` where there is no such file now. */
function identify(file: string): string | undefined {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return [ino, size, mtimeMs, ctimeMs].join(':');
  } catch {
    return undefined;
  }
}
