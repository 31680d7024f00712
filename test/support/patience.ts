// Before each test file: `vi.waitFor` gives up after a second by itself, which a loaded machine may need.
import { vi } from 'vitest';

const PATIENCE_MS = 30_000;

const waitFor = vi.waitFor.bind(vi);
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: PATIENCE_MS, ...options });
