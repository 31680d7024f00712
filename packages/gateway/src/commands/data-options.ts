import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';

/** Options of every command that works on a gateway's data. */
export interface DataOptions {
  readonly config?: string;
  readonly data?: string;
}

/** Adds `--data` and `--config`. */
export function withDataOptions(command: Command): Command {
  return command
    .option('--data <dir>', 'data directory (or UCODE_GATEWAY_DATA)')
    .option('--config <file>', 'gateway.yaml (or UCODE_GATEWAY_CONFIG)');
}

/** The configuration these options name. */
export function loadFor({ config, data }: DataOptions): ReturnType<typeof loadConfig> {
  return loadConfig({
    ...(config === undefined ? {} : { file: config }),
    ...(data === undefined ? {} : { data }),
    env: process.env,
  });
}

/**
 * The data directory. With `--data` the configuration is not read, so that a secret missing in this shell
 * does not matter.
 */
export async function dataDirectory(options: DataOptions): Promise<string> {
  return options.data === undefined ? (await loadFor(options)).server.dataDirectory : path.resolve(options.data);
}

/**
 * Like `dataDirectory`, for commands that have nothing to do where no gateway ran yet.
 * @throws Error with the cure where the directory holds no state.
 */
export async function existingDataDirectory(options: DataOptions): Promise<string> {
  const directory = await dataDirectory(options);
  if (existsSync(path.join(directory, 'state.db'))) return directory;
  throw new Error(`${directory} is not the data directory of a gateway. Name it with --data DIR.`);
}
