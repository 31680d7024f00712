import type { GatewayConfig } from '../config/gateway-config.ts';
import type { StoreLocation } from './store.ts';

/** Where a configuration keeps its state: for the gateway and for every command beside it. */
export function storeLocation({ server, state }: Pick<GatewayConfig, 'server' | 'state'>): StoreLocation {
  return { dataDirectory: server.dataDirectory, url: state.url, maxConnections: state.maxConnections };
}
