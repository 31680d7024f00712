import path from 'node:path';
import type { Environment } from './environment.ts';

/** Joins path segments by the conventions of the environment, which in tests is not the machine's own. */
export function join(environment: Environment, ...segments: readonly string[]): string {
  return (environment.platform === 'win32' ? path.win32 : path.posix).join(...segments);
}
