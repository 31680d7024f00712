import path from 'node:path';
import { firstLine, startPinned } from '../child.ts';
import type { OpenResult } from './open-load.ts';
import type { QueryResult } from './query-load.ts';
import type { UsageLoadResult } from './usage-load.ts';

/** The core of the gateway's processes. */
const CORE = '0';
/** Queries may use all processors, as they do in a gateway. */
const ALL_CORES = '0,1';

/** `usage-load.ts` and the lake process on one core. @param pace records per second; 0: as many as go. */
export async function usageRows(directory: string, records: number, pace: number): Promise<UsageLoadResult> {
  return (await run(CORE, 'usage-load.ts', [directory, String(records), String(pace)])) as UsageLoadResult;
}

export async function queryTable(directory: string, rows: number): Promise<QueryResult> {
  return (await run(ALL_CORES, 'query-load.ts', [directory, String(rows)])) as QueryResult;
}

export async function openTable(directory: string, commits: number): Promise<OpenResult> {
  await run(ALL_CORES, 'open-load.ts', [directory, String(commits), 'make']);
  return (await run(ALL_CORES, 'open-load.ts', [directory, String(commits), 'open'])) as OpenResult;
}

/** Runs a program of this directory and reads the JSON that it prints. */
async function run(cores: string, program: string, args: readonly string[]): Promise<unknown> {
  const started = startPinned(cores, [process.execPath, path.join(import.meta.dirname, program), ...args]);
  const line = await firstLine(started);
  await started.exited;
  return JSON.parse(line);
}
