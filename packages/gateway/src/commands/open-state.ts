import { existsSync } from 'node:fs';
import path from 'node:path';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { storeLocation } from '../state/store-location.ts';
import { openStore, type Store } from '../state/store.ts';
import { existingDataDirectory, loadFor, type DataOptions } from './data-options.ts';

/** Opens the state that a configuration names, as the gateway itself does. */
export function openStateOf(config: Pick<GatewayConfig, 'server' | 'state'>): Promise<Store> {
  return openStore(storeLocation(config));
}

/**
 * Like `openStateOf`, for commands that have nothing to do where no gateway ran yet.
 * @throws Error with the cure where there is no state.
 */
export async function openExistingStateOf(config: Pick<GatewayConfig, 'server' | 'state'>): Promise<Store> {
  const { dataDirectory } = config.server;
  if (config.state.url !== undefined || existsSync(path.join(dataDirectory, 'state.db'))) return openStateOf(config);
  throw new Error(
    `${dataDirectory} is not the data directory of a gateway. Name it with --data DIR, or its configuration with --config FILE.`,
  );
}

/**
 * The state of a gateway that ran already. With `--data` alone the configuration is not read, nor are its secrets; a
 * database is then taken from UCODE_GATEWAY_STATE_URL only.
 */
export async function openExistingState(options: DataOptions): Promise<Store> {
  const { UCODE_GATEWAY_STATE_URL: url } = process.env;
  if (options.data === undefined || options.config !== undefined || url) {
    return openExistingStateOf(await loadFor(options));
  }
  return openStore({ dataDirectory: await existingDataDirectory(options) });
}
