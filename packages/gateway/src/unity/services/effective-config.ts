import type { Destination, GatewayConfig, ModelProviderService, ModelService } from '../../config/gateway-config.ts';
import { declaredRecord, type ServiceRecord } from '../../config/service-record.ts';
import { isAllowedTarget } from '../../config/provider-services.ts';
import type { JsonRecord } from '../../lib/json-value.ts';
import { SealError } from '../../lib/sealed-box.ts';
import { provenanceOf, recordProvenance } from '../../config/provenance.ts';
import { serviceContext } from '../../state/sealed-columns.ts';
import type { EncryptionKeys } from '../../state/encryption-keys.ts';
import type { ServiceRow } from '../../state/service-repository.ts';
import { lowerCase } from '../names.ts';
import { readModelResource, readProviderResource, type ServiceResource } from './read-service.ts';
import { openConfig } from './sealed-config.ts';

/** Full name of a stored service. */
export function fullNameOf({ catalog, schema, name }: Pick<ServiceRow, 'catalog' | 'schema' | 'name'>): string {
  return `${catalog}.${schema}.${name}`;
}

/** The resource that a row stands for, credentials in plain. @throws SealError */
export function resourceOf(row: ServiceRow, keys: EncryptionKeys | undefined): ServiceResource {
  const name = fullNameOf(row);
  if (!keys && row.config.includes('"sealed":')) throw new SealError('There is no key.');
  const box = keys?.box(serviceContext(row.kind, name));
  const config = box ? openConfig(row.config, box) : (JSON.parse(row.config) as JsonRecord);
  return { name, comment: row.comment ?? undefined, config };
}

/**
 * Puts the stored services beside those of the configuration. Where both have a name, the configuration's is in force
 * and the stored one waits. A stored one that cannot be read is left out, so that nothing is sent anywhere by it.
 * @param log told once of each service that is not in force.
 */
export class EffectiveConfig {
  readonly #keys: EncryptionKeys | undefined;
  readonly #log: (message: string) => void;
  readonly #told = new Set<string>();
  /** By `uid` and etag, so that a change of one service costs one reading. */
  #providers = new Map<string, ModelProviderService | undefined>();

  constructor(keys: EncryptionKeys | undefined, log: (message: string) => void) {
    this.#keys = keys;
    this.#log = log;
  }

  build(base: GatewayConfig, rows: readonly ServiceRow[]): GatewayConfig {
    const providers = this.#readProviders(base, rows);
    const byName = new Map([...base.providerServices, ...providers.keys()].map((one) => [one.name, one]));
    const uidOf = (name: string) => {
      const service = byName.get(name);
      return service && providers.get(service);
    };
    const models: ModelService[] = [];
    for (const row of this.#inForce(base.modelServices, rows, 'MODEL_SERVICE')) {
      const service = this.#readModel(row, [...byName.values()]);
      if (!service) continue;
      const links = JSON.parse(row.providers) as Record<string, string | null>;
      const marked = (destination: Destination): Destination => {
        const provider = byName.get(destination.providerService);
        const uid = uidOf(destination.providerService);
        const isThere =
          provider !== undefined &&
          (uid === undefined || uid === links[destination.providerService]) &&
          isAllowedTarget(provider, destination.model);
        return isThere ? destination : { ...destination, isDeleted: true };
      };
      models.push({
        ...service,
        destinations: service.destinations.map(marked),
        fallbacks: service.fallbacks.map(marked),
      });
    }
    if (providers.size === 0 && models.length === 0) return base;
    const config: GatewayConfig = {
      ...base,
      providerServices: [...base.providerServices, ...providers.keys()],
      modelServices: [...base.modelServices, ...models],
    };
    return recordProvenance(config, provenanceOf(base));
  }

  /** The stored provider services that are in force, with their `uid`. */
  #readProviders(base: GatewayConfig, rows: readonly ServiceRow[]): Map<ModelProviderService, string> {
    const read = new Map<string, ModelProviderService | undefined>();
    const found = new Map<ModelProviderService, string>();
    for (const row of this.#inForce(base.providerServices, rows, 'MODEL_PROVIDER_SERVICE')) {
      const key = `${row.uid} ${row.etag}`;
      const service = this.#providers.has(key) ? this.#providers.get(key) : this.#readProvider(row);
      read.set(key, service);
      if (service) found.set(service, row.uid);
    }
    this.#providers = read;
    return found;
  }

  #readProvider(row: ServiceRow): ModelProviderService | undefined {
    try {
      const { service, problems } = readProviderResource(resourceOf(row, this.#keys));
      if (problems.length === 0 && service) return { ...service, ...recordOf(row) };
      this.#tell(row, `${problems[0]?.field ?? 'config'}: ${problems[0]?.message ?? 'it cannot be read'}`);
    } catch (error) {
      this.#tell(row, error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }

  /** What a destination refers to is looked at apart, since it may go away later. */
  #readModel(row: ServiceRow, known: readonly ModelProviderService[]): ModelService | undefined {
    try {
      const { service, problems } = readModelResource(resourceOf(row, undefined), known);
      if (service) return { ...service, ...recordOf(row) };
      this.#tell(row, `${problems[0]?.field ?? 'config'}: ${problems[0]?.message ?? 'it cannot be read'}`);
    } catch (error) {
      this.#tell(row, error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }

  #inForce(declared: readonly { readonly name: string }[], rows: readonly ServiceRow[], kind: ServiceRow['kind']) {
    const taken = new Set(declared.map(({ name }) => lowerCase(name)));
    return rows.filter((row) => {
      if (row.kind !== kind) return false;
      if (!taken.has(fullNameOf(row))) return true;
      this.#tell(row, 'the configuration has one of the same name');
      return false;
    });
  }

  #tell(row: ServiceRow, reason: string): void {
    const message = `the stored ${row.kind === 'MODEL_SERVICE' ? 'model service' : 'model provider service'} ${fullNameOf(row)} is not in force: ${reason}`;
    const key = `${row.etag} ${message}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#log(message);
  }
}

function recordOf(row: ServiceRow): ServiceRecord {
  return {
    ...declaredRecord([]),
    owner: row.owner,
    origin: 'api',
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    updatedAt: row.updatedAt,
    updatedBy: row.updatedBy,
    etag: row.etag,
  };
}
