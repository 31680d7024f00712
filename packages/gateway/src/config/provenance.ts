import type { GatewayConfig } from './gateway-config.ts';

/** Where the parts of a configuration are from, for `config explain`. */
export interface Provenance {
  /** By key (`server.port`, `model_services`): `file`, `default`, or the flag or variable. */
  readonly origins: ReadonlyMap<string, string>;
  /** Every value that a reference or a variable gave, to be shown as `***`. */
  readonly secrets: readonly string[];
}

// Beside the configuration, not in it: nothing that serialises a configuration can leak what is here.
const provenances = new WeakMap<GatewayConfig, Provenance>();

/** Remembers where `config` is from. */
export function recordProvenance(config: GatewayConfig, provenance: Provenance): GatewayConfig {
  provenances.set(config, provenance);
  return config;
}

/** Where `config` is from; empty for one that `loadConfig` did not make. */
export function provenanceOf(config: GatewayConfig): Provenance {
  return provenances.get(config) ?? { origins: new Map(), secrets: [] };
}
