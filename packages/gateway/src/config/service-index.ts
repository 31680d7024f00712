import { bareModelName, canonicalModelName } from '../models/canonical-name.ts';
import { findModelFacts } from '../models/index.ts';
import type { ModelService } from './gateway-config.ts';

/**
 * Finds the model service that a caller's `model` names. Lookups are by map, whatever the number of
 * services. From the strictest to the loosest: the full name; the full name with dots and dashes alike;
 * the leaf without catalog, `databricks-`, date or `[1m]`; the leaf of a known model under another
 * spelling or without `demo-`; the provider's own id where a service has that one model only
 * (responses carry it, and clients send it back: unity-ai-gateway 2.4).
 * Where a bare name fits several services, `system.ai` goes first, then the order of the list.
 */
export class ServiceIndex {
  readonly #services: readonly ModelService[];
  readonly #exact: Candidates = new Map();
  readonly #full: Candidates = new Map();
  readonly #leaf: Candidates = new Map();
  readonly #model: Candidates = new Map();
  readonly #target: Candidates = new Map();

  constructor(services: readonly ModelService[]) {
    this.#services = services;
    const isHosted = (service: ModelService): boolean => service.name.startsWith('system.ai.');
    for (const service of [...services.filter(isHosted), ...services.filter((one) => !isHosted(one))]) {
      const leaf = service.name.slice(service.name.indexOf('.', service.name.indexOf('.') + 1) + 1);
      add(this.#exact, service.name, service);
      add(this.#full, dashed(service.name), service);
      add(this.#leaf, bareModelName(leaf), service);
      add(this.#model, modelKey(leaf), service);
      const targets = new Set(service.destinations.map((destination) => modelKey(destination.model)));
      if (targets.size === 1) for (const target of targets) add(this.#target, target, service);
    }
  }

  /**
   * The service `name` means, or `undefined`. Never throws, whatever the name.
   * @param counts those that it does not count are passed over, as if they did not exist.
   */
  find(name: string, counts: (service: ModelService) => boolean = () => true): ModelService | undefined {
    const exact = this.#exact.get(name)?.find(counts);
    if (exact) return exact;
    if (name.length > LONGEST_NAME) return undefined;
    return (
      this.#full.get(dashed(name))?.find(counts) ??
      this.#leaf.get(bareModelName(name))?.find(counts) ??
      this.#model.get(modelKey(name))?.find(counts) ??
      this.#target.get(modelKey(name))?.find(counts)
    );
  }

  list(): readonly ModelService[] {
    return this.#services;
  }
}

/** Unity Catalog allows 255 characters a level; what is longer cannot be a name. */
const LONGEST_NAME = 1024;

/** Services by a key, those that go first before the others. */
type Candidates = Map<string, ModelService[]>;

function add(map: Candidates, key: string, service: ModelService): void {
  const services = map.get(key);
  if (services) services.push(service);
  else map.set(key, [service]);
}

/** A full name with dots and dashes alike, without what a caller may put around it. */
function dashed(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/^(?:model-services|models)\//, '')
    .replace(/\[1m\]$/, '')
    .replaceAll('.', '-');
}

/** Never looks at the leaf of a foreign full name: a service that does not exist is not replaced by another. */
function modelKey(name: string): string {
  const canonical = canonicalModelName(name);
  return findModelFacts(canonical)?.id ?? canonical;
}
