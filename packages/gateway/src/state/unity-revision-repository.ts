import type { Store } from './store.ts';

/** Number that grows with every change of Unity Catalog's objects, grants and tags, in any process. */
export function unityRevision(store: Store): number {
  return store.prepare('SELECT revision FROM unity_revision').get()?.['revision'] as number;
}

/** Runs `work` in one write transaction that counts as a change of Unity Catalog. Not nestable. */
export function changeUnity<T>(store: Store, work: () => T): T {
  const result = store.transaction(() => {
    const value = work();
    store.prepare('UPDATE unity_revision SET revision = revision + 1').run();
    return value;
  });
  store.noteChange();
  return result;
}
